import Foundation
import JSON
import TestSupport
import Testing

/// A folder in which commands run.
typealias Workplace = TemporaryFolder

extension Workplace {
  /// The tiny model and data that the tests of training have.
  static let fixtures = Checkout.fixtures(of: "TrainingTests")
  static let model = Checkout.tinyModel.path
  static let pairs = fixtures.appending(path: "pairs.jsonl").path
  static let conversations = fixtures.appending(path: "conversations.jsonl").path

  /// Small steps on one thread.
  static let dpo = [
    "dpo", "--model", model, "--data", pairs, "--threads", "1", "--batch-size", "8", "--learning-rate", "1e-3",
  ]
  static let sft = [
    "sft", "--model", model, "--data", conversations, "--threads", "1", "--batch-size", "8", "--learning-rate", "1e-3",
  ]

  /// Runs `caravan` to its end.
  func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Outcome {
    try Command(arguments, in: self, environment: environment).outcome()
  }

  /// A copy of the tiny model, to be spoiled.
  @discardableResult
  func copyModel(_ name: String = "model") throws -> String {
    try FileManager.default.copyItem(atPath: Self.model, toPath: url(name).path)
    return name
  }

  /// The lines of a run's metrics.
  func metrics(_ run: String) throws -> [JSON] {
    try text(run + "/metrics.jsonl").split(separator: "\n").map { try JSON(parsing: String($0)) }
  }

  /// The lines of a run's metrics without what depends on the clock, as text.
  func course(_ run: String) throws -> [String] {
    try metrics(run).map { line in
      let members = try #require(line.object).filter { name, _ in
        !name.hasPrefix("time/") && !name.hasSuffix("_per_second") && name != "peak_memory_bytes"
      }
      return JSON.object(members).text
    }
  }

  /// Expects that two runs did the same, and gave the same model.
  func expectSame(_ run: String, _ other: String, _ location: SourceLocation = #_sourceLocation) throws {
    #expect(try course(run) == course(other), sourceLocation: location)
    #expect(
      try Data(contentsOf: url(run + "/model.safetensors")) == Data(contentsOf: url(other + "/model.safetensors")),
      sourceLocation: location)
  }
}
