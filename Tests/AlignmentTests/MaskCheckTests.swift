import Alignment
import Datasets
import Foundation
import JSON
import Testing
import Text

/// Conversations whose scored tokens `Scripts/check_masks.py` derived with transformers; skipped where there are none.
@Suite struct MaskCheckTests {
  private static let cases = ProcessInfo.processInfo.environment["CARAVAN_MASK_CASES"]

  @Test(.enabled(if: cases != nil)) func scoredTokensAreThoseThatTransformersGives() throws {
    let lines = try String(contentsOfFile: #require(Self.cases), encoding: .utf8).split(separator: "\n")
    var builders: [[String]: SequenceBuilder] = [:]
    var differing: [String: Int] = [:]
    for (index, line) in lines.enumerated() {
      let json = try JSON(parsing: String(line))
      let names = try ["tokenizer", "template"].map { try #require(json[$0]?.string) }
      if builders[names] == nil {
        let tokenizer = try Tokenizer(folder: URL(filePath: names[0]))
        builders[names] = try SequenceBuilder(
          format: ChatFormat(tokenizer: tokenizer, template: ChatTemplate(nameOrFile: names[1])))
      }
      let record = try Conversation(json: json, location: RecordLocation(file: "cases.jsonl", line: index + 1))
      let made = try builders[names]?.examples(
        [record], limits: .init(maximumLength: 1 << 20, skipsRefused: true, vocabularySize: 1 << 20))
      let sequence = made?.examples.first?.sequences.first
      let mask = json["mask"]?.array?.map { $0 == 1 } ?? []
      // What transformers marks nothing of is left out.
      if sequence == nil, !mask.contains(true) { continue }
      if sequence?.tokens != json["ids"]?.array?.compactMap({ $0.int.map(Int32.init) }) || sequence?.isScored != mask {
        differing[names.map { URL(filePath: $0).lastPathComponent }.joined(separator: " "), default: 0] += 1
        if differing.values.reduce(0, +) == 1 {
          print("first at line \(index + 1):", made?.report.lines ?? [], sequence?.isScored.map { $0 ? 1 : 0 } ?? [])
        }
      }
    }
    print("\(lines.count) conversations compared; differing: \(differing)")
    #expect(differing.isEmpty && !lines.isEmpty)
  }
}
