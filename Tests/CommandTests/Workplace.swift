import Foundation
import JSON
import Testing

/// A folder of its own for a test, in which commands run; gone when the test is over.
final class Workplace {
  /// The tiny model and data that the tests of training have.
  static let fixtures = URL(filePath: #filePath).appending(path: "../../TrainingTests/Fixtures").standardized
  static let model = fixtures.appending(path: "model").path
  static let pairs = fixtures.appending(path: "pairs.jsonl").path
  static let conversations = fixtures.appending(path: "conversations.jsonl").path

  /// Small steps on one thread.
  static let dpo = [
    "dpo", "--model", model, "--data", pairs, "--threads", "1", "--batch-size", "8", "--learning-rate", "1e-3",
  ]
  static let sft = [
    "sft", "--model", model, "--data", conversations, "--threads", "1", "--batch-size", "8", "--learning-rate", "1e-3",
  ]

  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "caravan-\(UUID().uuidString)")
      .resolvingSymlinksInPath()
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func url(_ path: String) -> URL { url.appending(path: path) }

  /// Runs `caravan` to its end.
  func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Outcome {
    try Command(arguments, in: self, environment: environment).outcome()
  }

  @discardableResult
  func write(_ path: String, _ text: String) throws -> String { try write(path, Array(text.utf8)) }

  @discardableResult
  func write(_ path: String, _ bytes: [UInt8]) throws -> String {
    try FileManager.default.createDirectory(
      at: url(path).deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url(path))
    return path
  }

  func text(_ path: String) throws -> String { String(decoding: try Data(contentsOf: url(path)), as: UTF8.self) }
  func names(_ path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: url(path).path).sorted()
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
      var members = try #require(line.object)
      for name in ["tokens_per_second", "pairs_per_second", "conversations_per_second", "peak_memory_bytes"] {
        members[name] = nil
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
