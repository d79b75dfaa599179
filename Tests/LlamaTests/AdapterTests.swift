import ModelFiles
import Testing
import Torch

@testable import Llama

/// Gradients of adapters, by differences.
@Suite struct AdapterTests {
  private static let tokens: [Int32] = [1, 9, 17, 4, 33, 8, 21, 40, 5]

  private static func model(dropout: Double, targets: [String]) throws -> LlamaModel {
    var generator = Lehmer()
    let config = AdapterConfig(base: nil, rank: 2, alpha: 4, targets: targets, dropout: dropout)
    let model = try LlamaModel(adapting: ModelFolder(Fixture("grouped").folder), by: config, using: &generator)
    let values = model.trained.values
    for index in 0..<values.count { values.floats[index] += 0.05 * Float((index * 7919) % 13 - 6) }
    return model
  }

  /// Numbers that are the same in every run.
  private struct Lehmer: RandomNumberGenerator {
    var state: UInt64 = 7
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1
      return state
    }
  }

  private static func batch() -> PackedBatch {
    var batch = PackedBatch()
    batch.append([TokenSequence(tokens: tokens, isScored: tokens.map { _ in true })])
    return batch
  }

  /// Σ h² of the hidden states of a step's first pass; with the gradient of all that trains where it is wanted.
  private static func sum(_ model: LlamaModel, recomputing: Int, gradients: Bool = false) throws -> Double {
    model.adapter?.begin(step: 3)
    let (hidden, activations) = try model.forward(batch(), keeping: .activations(recomputing: recomputing))
    let sum = hidden.array.reduce(0.0) { $0 + Double($1) * Double($1) }
    if gradients { try model.backward(Tensor(hidden.array.map { 2 * $0 }, shape: hidden.shape), activations) }
    return sum
  }

  @Test(arguments: [0, 0.4], [["q_proj", "v_proj", "o_proj", "gate_proj", "down_proj"], ["k_proj", "up_proj"]])
  func gradientsAreSlopes(dropout: Double, targets: [String]) throws {
    let model = try Self.model(dropout: dropout, targets: targets)
    _ = try Self.sum(model, recomputing: 0, gradients: true)
    let gradients = try #require(model.trained.gradients).array
    model.trained.gradients?.fillWithZeros()
    // Layers that are computed again leave out the same.
    _ = try Self.sum(model, recomputing: model.config.layerCount, gradients: true)
    #expect(model.trained.gradients?.array == gradients)

    for entry in model.trained.layout.entries {
      let value = model.trained.value(entry)
      // Along the gradient itself, whose slope is its squared norm.
      let own = Array(gradients[entry.range])
      let norm = own.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      let before = value.array
      func shifted(_ step: Double) throws -> Double {
        for index in 0..<value.count { value.floats[index] = before[index] + Float(step / norm) * own[index] }
        return try Self.sum(model, recomputing: 0)
      }
      let slope = (try shifted(1e-2) - shifted(-1e-2)) / 2e-2
      value.floats.update(from: before, count: before.count)
      #expect(abs(slope - norm) < 0.01 * norm, "\(entry.name): \(slope), gradient \(norm)")
    }
  }

  @Test func onlyTrainingLeavesInputsOut() throws {
    let names = ["q_proj", "down_proj"]
    let (plain, thinned) = (try Self.model(dropout: 0, targets: names), try Self.model(dropout: 0.4, targets: names))
    let scored = try [plain, thinned].map { try $0.forward(Self.batch(), keeping: .nothing).hidden.array }
    #expect(scored[0] == scored[1])
    #expect(try Self.sum(plain, recomputing: 0) != Self.sum(thinned, recomputing: 0))
    thinned.adapter?.begin(step: 3)
    let passes = try (0..<2).map { _ in try thinned.forward(Self.batch(), keeping: .everything).hidden.array }
    #expect(passes[0] != passes[1])
  }

  /// A new adapter adds zeros, which a reference is spared, with the same bits; one that has learned is kept.
  @Test func anIdleAdapterIsLeftOut() throws {
    var generator = Lehmer()
    let folder = try ModelFolder(Fixture("grouped").folder)
    let fresh = try LlamaModel(
      adapting: folder, by: AdapterConfig(base: nil, rank: 2, alpha: 4, targets: ["q_proj"]), using: &generator)
    let base = try fresh.withoutIdleAdapter()
    #expect(base.adapter == nil && base.parameters === fresh.parameters)
    #expect(
      try base.forward(Self.batch(), keeping: .nothing).hidden.array
        == fresh.forward(Self.batch(), keeping: .nothing).hidden.array)
    let entry = try #require(fresh.trained.layout.entries.last { $0.name.contains("lora_B") })
    fresh.trained.value(entry).floats[entry.range.count - 1] = 0.1
    #expect(try fresh.withoutIdleAdapter() === fresh && base.withoutIdleAdapter() === base)
  }

  /// Two models have the same frozen weights in memory; what the copy scores with no longer changes.
  @Test func aReferenceSharesTheFrozenWeights() throws {
    let model = try Self.model(dropout: 0, targets: ["q_proj"])
    let reference = try model.adaptedAsItIs()
    #expect(reference.parameters === model.parameters && reference.trained.gradients == nil)
    let before = try reference.forward(Self.batch(), keeping: .nothing).hidden.array
    #expect(try model.forward(Self.batch(), keeping: .nothing).hidden.array == before)
    for index in 0..<model.trained.values.count { model.trained.values.floats[index] *= 2 }
    #expect(try model.forward(Self.batch(), keeping: .nothing).hidden.array != before)
    #expect(try reference.forward(Self.batch(), keeping: .nothing).hidden.array == before)
  }
}
