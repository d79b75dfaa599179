import Llama
import ModelFiles
import Testing
import Torch

@testable import Inference

/// A model with an adapter in training answers as the model into which that is merged.
@Suite struct AdapterPolicyTests {
  private static let prompt: [Int32] = [1, 9, 17, 4, 33, 8, 21, 40, 5]

  private static func answer(_ model: InferenceModel) throws -> [GeneratedToken] {
    let batch = ContinuousBatch(model: model)
    try batch.add(.init(prompt: prompt, maximumTokens: 12, alternatives: 3))
    var tokens: [GeneratedToken] = []
    while !batch.isIdle { for case .token(_, let token) in try batch.step() { tokens.append(token) } }
    return tokens
  }

  @Test(arguments: WeightFormat.allCases) func answersFollowTheAdapter(format: WeightFormat) throws {
    let folder = try Fixture("normed").folder
    var generator = SystemRandomNumberGenerator()
    let config = AdapterConfig(base: nil, rank: 3, alpha: 6, targets: ["q_proj", "v_proj", "up_proj", "down_proj"])
    let model = try LlamaModel(adapting: folder, by: config, using: &generator)
    let policy = try Policy(model, format: format)
    // A new adapter changes nothing.
    let begun = try Self.answer(policy.answering)
    #expect(try begun == Self.answer(InferenceModel(folder, format: format)))
    let frozen = model.parameters.values.array

    let values = model.trained.values
    model.trained.beginUpdate()
    for index in 0..<values.count { values.floats[index] += 0.1 * Float((index * 7919) % 13 - 6) }
    #expect(throws: InferenceError.self) { try Self.answer(policy.answering) }
    try policy.refresh()
    let after = try Self.answer(policy.answering)
    #expect(after != begun && model.parameters.values.array == frozen)
    #expect(try Self.answer(Policy(model, format: format).answering) == after)
    #expect(try Self.answer(Policy(model.adaptedAsItIs(), format: format).answering) == after)
  }
}
