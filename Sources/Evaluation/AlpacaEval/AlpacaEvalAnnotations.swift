import JSON

/// A judge's recorded annotations of one model's outputs, in AlpacaEval's schema: `instruction`, `output_1`, `output_2`,
/// `generator_2` and `preference`.
public struct AlpacaEvalAnnotations: Sendable {
  /// The model whose outputs were judged, as its `generator_2` names it.
  public let model: String
  /// The judge.
  public let annotator: String
  /// The preferences of outputs that the judge has judged.
  public let preferences: [Double]
  /// The mean length of the model's outputs, in code points.
  public let averageLength: Double
  /// Annotations that say nothing.
  public let missing: Int
  private let rows: [(instruction: String, preference: Double, lengths: (Int, Int))]

  /// Reads annotations.
  /// - Throws: `EvaluationError` for records of another kind, and for those of several models.
  public init(_ records: [JSON]) throws(EvaluationError) {
    var rows: [(instruction: String, preference: Double, lengths: (Int, Int))] = []
    var (models, length, missing) = (Set<TextKey>(), 0, 0)
    for record in records {
      let instruction = try record.text("instruction", of: "annotations")
      let outputs = [try record.text("output_1", of: "annotations"), try record.text("output_2", of: "annotations")]
      let lengths = outputs.map(\.unicodeScalars.count)
      models.insert(TextKey(try record.text("generator_2", of: "annotations")))
      length += lengths[1]
      guard let preference = record["preference"]?.double, preference.isFinite else {
        missing += 1
        continue
      }
      guard 0...2 ~= preference else {
        throw EvaluationError(
          "annotations: a preference is \(preference), not from 1 for the baseline to 2 for the model")
      }
      rows.append((instruction, preference, (lengths[0], lengths[1])))
    }
    guard let model = models.first, models.count == 1 else {
      let names = models.map(\.text).sorted().prefix(3).joined(separator: ", ")
      throw EvaluationError("annotations: they should be of one model, and are of \(models.isEmpty ? "none" : names)")
    }
    (self.model, self.rows, self.missing) = (model.text, rows, missing)
    annotator = records.first?["annotator"]?.string ?? "unknown"
    preferences = rows.map(\.preference)
    averageLength = Double(length) / Double(records.count)
  }

  /// How often the judge prefers the model.
  public var winRate: AlpacaEvalWinRate { AlpacaEvalWinRate(preferences) }

  /// How often it would if outputs were as long as the baseline's.
  /// - Parameters:
  ///   - difficulties: those of the instructions, in the order of AlpacaEval's data.
  ///   - instructions: the instructions in that order.
  /// - Throws: `EvaluationError` where an instruction has no difficulty.
  public func lengthControlled(
    difficulties: [Double], instructions: [String], gamed: [LengthControlledWinRate.GamedRow] = []
  ) throws(EvaluationError) -> LengthControlledWinRate {
    let known = TextKeyed(zip(instructions, difficulties).map { ($0, $1) })
    var found: [LengthControlledWinRate.Row] = []
    for row in rows {
      guard let difficulty = known[row.instruction] else {
        throw EvaluationError(
          "annotations: '\(row.instruction.prefix(60))' is none of the instructions with a difficulty")
      }
      found.append(
        LengthControlledWinRate.Row(
          preference: row.preference, baselineLength: row.lengths.0, modelLength: row.lengths.1, difficulty: difficulty)
      )
    }
    return try LengthControlledWinRate(found, gamed: gamed)
  }
}
