import Alignment
import Datasets
import Llama
import ModelFiles
import Objectives
import Testing

@testable import Training

/// A reference that follows the policy; twenty steps with one are compared in `TRLParityTests`.
@Suite struct MovingReferenceTests {
  private static let settings = MovingReference.Settings(steps: 2, alpha: 0.25)

  @Test func promptsThatAreScoredTooAreNoneOfItsBusiness() throws {
    let model = try TinyModel.make()
    let reference = try MovingReference(
      TinyModel.make(seed: 3), following: model, Self.settings, microTokens: 1000, withShared: true)
    let pairs = TinyModel.pairs(5)
    let plain = try reference.scored(pairs)
    let prompted = try reference.scored(pairs.map { $0.scoringPrompt() })
    for column in [Column.reference, .sharedReference] {
      #expect(plain.map { $0.columns[column] } == prompted.map { $0.columns[column] })
    }
    #expect(prompted.allSatisfy { $0.columns[.isAnswer] != nil })
    #expect(prompted[0].scoredCount > plain[0].scoredCount)
  }

  @Test func itMovesWhenItIsTime() throws {
    let (model, own) = (try TinyModel.make(), try TinyModel.make(seed: 3))
    let (before, other) = (own.parameters.values.array, model.parameters.values.array)
    let reference = try MovingReference(own, following: model, Self.settings, microTokens: 1000)
    try reference.follow(after: 1)
    #expect(own.parameters.values.array == before)
    try reference.follow(after: 2)
    #expect(own.parameters.values.array == zip(before, other).map { $0 * 0.75 + $1 * 0.25 })
  }

  /// Beside an adapter the reference has the same frozen weights, and what moves is its copy of the adapter.
  @Test func anAdaptersReferenceIsItsCopy() throws {
    let folder = try ModelFolder(TRLRun.fixtures.appending(path: "lora-dpo/begin"))
    var generator = SplitMix64(seed: 4)
    let model = try LlamaModel(adapting: folder, by: #require(folder.adapter).config, using: &generator)
    let own = try model.adaptedAsItIs()
    let reference = try MovingReference(own, following: model, Self.settings, microTokens: 1000)
    let (before, frozen) = (model.trained.values.array, model.parameters.values.array)
    for index in 0..<model.trained.values.count { model.trained.values.floats[index] += Float(index % 7) }
    try reference.follow(after: 2)
    #expect(own.trained.values.array == zip(before, model.trained.values.array).map { $0 * 0.75 + $1 * 0.25 })
    #expect(own.parameters.values.floats == model.parameters.values.floats && own.parameters.values.array == frozen)
    #expect(Set(reference.outputTensors.map(\.name)) == Set(model.outputTensors(.float32).map(\.name)))
  }
}
