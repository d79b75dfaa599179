import Foundation
import JSON
import Objectives
import Reporting
import Testing
import Yams

@Suite struct ModelCardTests {
  private static func words(_ loss: PreferenceLoss) -> ObjectiveWords {
    (try? PreferenceObjective(loss))?.words ?? SupervisedObjective().words
  }

  static let card = ModelCard(
    name: "tiny-dpo", words: words(.sigmoid), baseModel: "allenai/tulu-2-13b",
    baseCard: BaseCard("---\nlanguage:\n- en\nlicense: apache-2.0\n---\n"),
    chatFormat: "<|user|>\nYour message here!\n<|assistant|>\n",
    data: [
      .init(name: "ultrafeedback.jsonl", read: 500, kept: 490, dropped: ["too long": 8, "empty": 2], truncated: 3),
      .init(name: "hh.jsonl", read: 10, kept: 10),
    ],
    hyperparameters: ["learning-rate": "5e-7", "batch-size": "32", "chat-template": "a|b"],
    steps: [
      .init(
        step: 1, loss: 0.693147180559945, metrics: ["rewards/accuracies": 0, "rewards/margins": 0], learningRate: 2.5e-7
      ),
      .init(
        step: 2, loss: 0.6875, metrics: ["rewards/accuracies": 0.625, "rewards/margins": 0.01136], learningRate: 5e-7),
    ],
    evaluations: [.init(dataset: "held-out.jsonl", results: ["loss": 0.68, "rewards/accuracies": 0.6625])],
    cost: .init(device: "CPU, 2 threads", dtype: "float32", seconds: 245, tokens: 100_000, peakMemoryBytes: 3 << 29))

  @Test func writesAWholeCard() throws {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/card.md")
    #expect(try Self.card.markdown() == String(contentsOf: url, encoding: .utf8))
  }

  @Test func aConversationCardSpeaksOfNoPairs() throws {
    var card = Self.card
    card.words = SupervisedObjective().words
    card.steps = [.init(step: 1, loss: 2.5, learningRate: 2e-5)]
    card.evaluations = []
    let text = try card.markdown()
    #expect(text.contains("| step | loss | learning rate |\n| --- | --- | --- |\n| 1 | 2.500000 | 2e-05 |\n"))
    #expect(text.contains("- sft\n"))
    #expect(text.contains("The run had no evaluation data."))
    #expect(text.contains("  results: []\n---\n"))
    #expect(!text.contains("reward") && !text.contains("rafailov") && !text.contains("pairs"))
  }

  @Test(
    arguments: [
      (.sigmoid, "the loss is ln 2 = 0.693147."), (.robust, "the loss is ln 2 = 0.693147."),
      (.dpoNorm, "the loss is ln 2 = 0.693147."), (.hinge, "the loss is 1."), (.ipo, "the loss is 1/(2β)² = 25.00."),
      (.simpo, "β times its mean log-probability a token; no reference model takes part"),
      (
        .alphapo,
        "β times (1 − p^−α) / α, where log p is its mean log-probability a token and α is 0.25; no reference model"
      ),
    ] as [(PreferenceLoss, String)])
  func explainsTheFirstLoss(loss: PreferenceLoss, sentence: String) throws {
    var card = Self.card
    card.words = Self.words(loss)
    #expect(try card.markdown().contains(sentence))
  }

  @Test func saysOfBothRewardsOnlyWhatTheLossAsks() throws {
    var card = Self.card
    for (loss, isMarginAlone) in [(PreferenceLoss.sigmoid, true), (.ipo, true), (.bcoPair, false), (.apoZero, false)] {
      card.words = Self.words(loss)
      #expect(try card.markdown().contains("Both rewards may fall") == isMarginAlone, "\(loss)")
    }
  }

  @Test(arguments: [(0, 0), (1, 1), (20, 20), (21, 20), (1841, 20)])
  func showsAtMostTwentySteps(count: Int, rows: Int) throws {
    var card = Self.card
    card.steps = (0..<count).map { .init(step: $0 + 1, loss: 1, learningRate: 0) }
    let section = try #require(
      try card.markdown().components(separatedBy: "\n## ").first { $0.hasPrefix("Loss curve") })
    let steps = section.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst(2)
      .compactMap { Int($0.split(separator: " ")[1]) }
    #expect(steps.count == rows)
    #expect(Set(steps).count == rows && steps == steps.sorted())
    #expect(steps.first == (count > 0 ? 1 : nil) && steps.last == (count > 0 ? count : nil))
  }

  /// Names that a YAML or Markdown writer may stumble over.
  @Test(arguments: [
    "no", "null", "1e3", "2024-01-01", "a: b", "- x", "---", "#x", "a\nb\n---\nc", "\"'`", "``", "a|b", "é 😀", "@x",
    " x ",
    "{{x}}", "",
  ])
  func quotesAnyName(name: String) throws {
    var card = Self.card
    card.name = name
    card.baseModel = name
    card.data = [.init(name: name, read: 1, kept: 1)]
    card.chatFormat = "```\n\(name)!"
    card.evaluations = [.init(dataset: name, results: [name: .nan])]
    let text = try card.markdown()
    let lines = text.components(separatedBy: "\n")
    #expect(lines.first == "---")
    let end = try #require(lines.dropFirst().firstIndex(of: "---"))
    let header = try #require(try Yams.compose(yaml: lines[1..<end].joined(separator: "\n"))?.mapping)
    #expect(header["base_model"]?.scalar?.string == name)
    #expect(header["base_model"]?.null == nil && header["base_model"]?.bool == nil)
    #expect(header["datasets"]?.sequence?.first?.scalar?.string == name)
    #expect(header["model-index"]?[0]?["name"]?.scalar?.string == name)
    #expect(text.contains("\n````\n```\n\(name)!\n````\n"))
    // The table still has its five columns.
    let row = try #require(lines.first { $0.hasSuffix(" | 1 | 1 | 0 | 0 |") })
    #expect(row.replacing("\\|", with: "").filter { $0 == "|" }.count == 6)
  }

  @Test func saysWhatTheModelInheritsWithoutABaseCard() throws {
    var card = Self.card
    card.baseCard = BaseCard("")
    #expect(try !card.markdown().contains("license:"))
  }

  @Test func quotesForTheShell() throws {
    var card = Self.card
    card.name = "it's"
    #expect(try card.markdown().contains(#"caravan generate --model 'it'\''s' 'Your message here!'"#))
    #expect(try card.markdown().contains("folder = \"it's\"\n"))
  }
}
