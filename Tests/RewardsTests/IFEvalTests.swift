import Foundation
import JSON
import TestSupport
import Testing

@testable import Rewards

/// The verdicts of IFEval's authors.
@Suite struct IFEvalTests {
  private static let gold = Checkout.shared("gold/ifeval/responses_verdicts.jsonl")

  private static func records() throws -> [JSON] {
    try String(contentsOf: gold, encoding: .utf8).split(separator: "\n").map { try JSON(parsing: String($0)) }
  }

  /// Responses of GPT-4 to all prompts but one. langdetect takes two of 25 titles without a small word for English, and NLTK
  /// knows more of English than the lists here; both are said in the documentation.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: gold.path)))
  func verdictsAreTheAuthors() throws {
    var differences: [String] = []
    for record in try Self.records() {
      let instructions = try #require(try IFEvalReward.instructions(in: record))
      let response = try #require(record["response"]?.string)
      for (reading, name) in [(IFEvalReward.Reading.strict, "strict"), (.loose, "loose")] {
        let verdicts = try IFEvalReward.verdicts(on: response, instructions, reading)
        let expected = record[name]?.array?.compactMap(\.bool) ?? []
        #expect(verdicts.count == expected.count)
        for (index, (ours, theirs)) in zip(verdicts, expected).enumerated() where ours != theirs {
          differences.append("\(record["key"]?.int ?? 0) \(instructions[index].id) \(name): \(ours)")
        }
      }
    }
    #expect(differences == [])
  }
}
