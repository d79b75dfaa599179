import Alignment
import Datasets
import JSON
import Llama
import Objectives

/// Examples as a checkpoint holds them. Numbers come back with the same bits: JSON's are as long as they need to be.
extension OnlineBatches {
  var json: JSON {
    [
      "examples": .array(examples.map(\.json)), "order": .array(order.map { .array($0.map(JSON.integer)) }),
    ]
  }

  init?(json: JSON) {
    guard let examples = json["examples"]?.array?.map({ TrainingExample(json: $0) }),
      let order = json["order"]?.array?.map({ $0.array?.compactMap(\.int) ?? [] })
    else { return nil }
    let whole = examples.compactMap(\.self)
    guard whole.count == examples.count, order.joined().allSatisfy(whole.indices.contains) else { return nil }
    self.init(examples: whole, order: order)
  }
}

extension TrainingExample {
  fileprivate var json: JSON {
    [
      "file": .string(location.file), "line": .integer(location.line),
      "sequences": .array(
        sequences.map { sequence in
          [
            "tokens": .array(sequence.tokens.map { .integer(Int($0)) }),
            "scored": .array(sequence.isScored.map { .integer($0 ? 1 : 0) }),
          ]
        }),
      "columns": .object(
        TextKeyed(
          columns.sorted { $0.key.name < $1.key.name }.map { column, numbers in
            (column.name, .array(numbers.map { .array($0.map(JSON.number)) }))
          }, uniquingKeysWith: { $1 })),
    ]
  }

  fileprivate init?(json: JSON) {
    guard let file = json["file"]?.string, let line = json["line"]?.int, let stored = json["sequences"]?.array,
      let columns = json["columns"]?.object
    else { return nil }
    var sequences: [TokenSequence] = []
    for sequence in stored {
      guard let tokens = sequence["tokens"]?.array?.compactMap(\.int), let scored = sequence["scored"]?.array,
        tokens.count == scored.count
      else { return nil }
      sequences.append(
        TokenSequence(tokens: tokens.map { Int32(clamping: $0) }, isScored: scored.map { $0.int == 1 }))
    }
    self.init(sequences: sequences, location: RecordLocation(file: file, line: line))
    for (name, numbers) in columns {
      self.columns[Column(name)] = (numbers.array ?? []).map { $0.array?.compactMap(\.double) ?? [] }
    }
  }
}
