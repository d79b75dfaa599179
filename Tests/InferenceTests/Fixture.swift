import Foundation
import Inference
import JSON
import ModelFiles
import Testing

/// A tiny model that PyTorch dumped, and what transformers' `generate` continues with it.
struct Fixture {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
  static let names = ["plain", "linear", "dynamic", "llama3", "normed"]
  static let stories: URL = {
    let package = URL(filePath: #filePath).appending(path: "../../..").standardized
    let shared =
      ProcessInfo.processInfo.environment["CARAVAN_SHARED"].map { URL(filePath: $0) }
      ?? package.appending(path: "../shared").standardized
    return shared.appending(path: "real/stories260K")
  }()
  static var hasStories: Bool { FileManager.default.fileExists(atPath: stories.path + "/config.json") }

  /// One continuation.
  struct Case {
    let request: ContinuousBatch.Request
    let answer: [Int32]
  }

  let folder: ModelFolder
  let cases: [Case]

  init(_ name: String) throws {
    folder = try ModelFolder(Self.folder.appending(path: name))
    cases = try Self.cases(name + "/greedy.json")
  }

  static func cases(_ path: String) throws -> [Case] {
    try json(path).array?.map { json in
      var sampling = SamplingParameters()
      sampling.repetitionPenalty = json["repetition_penalty"]?.double ?? 1
      let answer = json["answer"]?.tokens ?? []
      return Case(
        request: ContinuousBatch.Request(
          prompt: json["prompt"]?.tokens ?? [], sampling: sampling, maximumTokens: answer.count), answer: answer)
    } ?? []
  }

  static func json(_ path: String) throws -> JSON {
    try JSON(parsing: [UInt8](Data(contentsOf: folder.appending(path: path))))
  }
}

extension JSON {
  var tokens: [Int32] { (array ?? []).compactMap { $0.int.map(Int32.init) } }
}
