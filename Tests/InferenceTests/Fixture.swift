import Foundation
import Inference
import JSON
import ModelFiles
import TestSupport
import Testing

/// A tiny model that PyTorch dumped, and what transformers' `generate` continues with it.
struct Fixture {
  static let folder = Checkout.fixtures(of: "InferenceTests")
  static let names = ["plain", "linear", "dynamic", "llama3", "normed"]

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
    try JSON(file: folder.appending(path: path))
  }
}
