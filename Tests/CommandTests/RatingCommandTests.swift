import Foundation
import JSON
import Testing

/// `caravan kto` and `caravan bco`, and rated answers in the commands for data.
@Suite struct RatingCommandTests {
  private let place: Workplace

  init() throws {
    place = try Workplace()
    let rows = (0..<16).map { #"{"prompt": "Name \#($0).", "completion": "It is \#($0).", "label": \#($0 % 2)}"# }
    try place.write("ratings.jsonl", rows.joined(separator: "\n") + "\n")
  }

  private func arguments(_ command: String, _ data: String...) -> [String] {
    [command, "--model", Workplace.model, "--threads", "1", "--batch-size", "8", "--learning-rate", "1e-3", "--data"]
      + data
  }

  private static let keys: Set = [
    "step", "epoch", "loss", "learning_rate", "grad_norm", "rewards/chosen", "rewards/rejected", "rewards/margins",
    "logps/chosen", "logps/rejected", "num_tokens", "tokens_per_second", "answers_per_second", "peak_memory_bytes",
  ]

  @Test(arguments: [("kto", "kl", 0.5), ("bco", "delta", 0.6931471805599453)])
  func aRunIsWhole(command: String, figure: String, firstLoss: Double) throws {
    let more = ["--output", "run", "--eval-data", "ratings.jsonl"]
    let outcome = try place.run(arguments(command, "ratings.jsonl", Workplace.pairs) + more).succeeded()
    #expect(outcome.output == "run\n")
    #expect(outcome.errors.contains("training on: 76 of 76 answers from ratings.jsonl, \(Workplace.pairs), "))
    #expect(outcome.errors.contains("\n38 answers are good, 38 are bad\n"))
    let steps = try place.metrics("run").filter { $0["loss"] != nil }
    #expect(steps.count == 30)
    for step in steps where step["rewards/margins"] != nil {
      #expect(step.object.map { Set($0.keys) } == Self.keys.union([figure]))
    }
    #expect(abs((steps[0]["loss"]?.double ?? 0) - firstLoss) < 1e-6)
    #expect(try place.metrics("run").last?["eval_\(figure)"]?.double != nil)
    let card = try place.text("run/README.md")
    #expect(card.contains("- \(command)\n") && card.contains("each rated good or bad"))
    let rest = ["--config", "run/config.yaml", "--output", "run", "--resume"]
    #expect(try place.run([command] + rest).succeeded().output == "run\n")
  }

  @Test func previewAndStatisticsKnowRatings() throws {
    let preview = try place.run(["data", "preview", "--model", Workplace.model, "--data", "ratings.jsonl"]).succeeded()
    #expect(preview.output.hasPrefix("ratings.jsonl:1\n  bad: "))
    let stats = try place.run(["data", "stats", "--data", "ratings.jsonl"]).succeeded().output
    #expect(stats.hasPrefix("16 rated answers, "))
    #expect(stats.contains("8 of 16 rated answers are good, 8 are bad"))
  }

  /// A configuration of OpenSSL's that offers programs no hash function.
  @Test func hashesDoNotDependOnTheSystemsConfiguration() throws {
    let configuration = try place.write(
      "openssl.cnf", "openssl_conf = i\n[i]\nproviders = p\n[p]\nbase = b\n[b]\nactivate = 1\n")
    let run = arguments("kto", "ratings.jsonl") + ["--max-steps", "1", "--output", "run"]
    try place.run(run, environment: ["OPENSSL_CONF": configuration.path]).succeeded()
  }

  @Test func aContradictionIsNoDuplicate() throws {
    try place.write(
      "both.jsonl",
      [true, false, true].map { #"{"prompt": "a", "completion": "b", "label": \#($0)}"# }.joined(separator: "\n"))
    let kept = try place.run(["data", "dedupe", "--data", "both.jsonl"]).succeeded().output
    #expect(kept.split(separator: "\n").count == 2)
  }
}
