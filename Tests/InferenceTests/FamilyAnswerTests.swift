import Foundation
import Inference
import JSON
import ModelFiles
import TestSupport
import Testing

/// Greedy answers of each family's tiny model against transformers' `generate`, beyond windows and original positions.
@Suite struct FamilyAnswerTests {
  @Test(arguments: Checkout.families) func answersAreTransformers(name: String) throws {
    let folder = Checkout.fixtures(of: "LlamaTests").appending(path: "families/" + name)
    let cases = try #require(JSON(file: folder.appending(path: "case.json"))["greedy"]?.array)
    let model = try InferenceModel(ModelFolder(folder))
    let requests = cases.map { json in
      var sampling = SamplingParameters()
      sampling.repetitionPenalty = json["repetition_penalty"]?.double ?? 1
      return ContinuousBatch.Request(
        prompt: json["prompt"]?.tokens ?? [], sampling: sampling, maximumTokens: json["answer"]?.tokens.count ?? 0)
    }
    let answers = cases.map { $0["answer"]?.tokens ?? [] }
    for (request, answer) in zip(requests, answers) {
      #expect(try ContinuousBatch(model: model).complete([request]) == [answer], "\(name)")
    }
    #expect(try ContinuousBatch(model: model).complete(requests) == answers, "\(name), together")
  }

  /// In narrow types log-probabilities are close to those in float32.
  @Test(arguments: Checkout.families, [WeightFormat.bfloat16, .int8])
  func narrowTypes(name: String, format: WeightFormat) throws {
    let folder = Checkout.fixtures(of: "LlamaTests").appending(path: "families/" + name)
    let row = try #require(JSON(file: folder.appending(path: "case.json"))["input_ids"]?.array?.first).tokens
    let wide = try InferenceModel(ModelFolder(folder)).logProbabilities(of: row)
    let narrow = try InferenceModel(ModelFolder(folder), format: format).logProbabilities(of: row)
    let difference = zip(wide, narrow).map { abs($0 - $1) }.reduce(0, +) / Float(wide.count)
    #expect(difference < 0.1, "\(name): \(difference)")
  }
}
