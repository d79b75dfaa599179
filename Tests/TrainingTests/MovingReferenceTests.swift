import Alignment
import Llama
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
}
