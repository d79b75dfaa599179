import Foundation
import JSON
import Recipes
import TestSupport
import Testing
import Training

/// Runs on several sources with weights, as a Swift program has them.
@Suite struct MixtureRecipeTests {
  private let place: TemporaryFolder
  private static let fixtures = Checkout.fixtures(of: "TrainingTests")

  /// The pairs of the fixtures in two files, of 10 and 20.
  init() throws {
    place = try TemporaryFolder()
    let lines = try String(contentsOf: Self.fixtures.appending(path: "pairs.jsonl"), encoding: .utf8).split(
      separator: "\n")
    try place.write("a.jsonl", lines[..<10].map { $0 + "\n" }.joined())
    try place.write("b.jsonl", lines[10...].map { $0 + "\n" }.joined())
  }

  private func recipe<Recipe: TrainingRecipe>(_ name: String, _ weights: [Double]?) -> Recipe {
    var recipe = Recipe(
      model: Self.fixtures.appending(path: "model").path, data: ["a.jsonl", "b.jsonl"].map { place.url($0).path },
      output: place.url(name).path)
    recipe.mixture.dataWeights = weights
    recipe.pace.batchSize = 8
    recipe.pace.learningRate = 1e-3
    recipe.pace.epochs = 2
    return recipe
  }

  /// Hears what became of the data and is remarked; asks to stop after a step.
  private final class Listener: RunObserver {
    private(set) var drawn: [Int?] = []
    private(set) var remarks: [String] = []
    private(set) var epochs: [Double] = []
    var stopsAfter: Int?

    var asksToStop: Bool { epochs.count == stopsAfter }

    func observe(_ event: RunEvent) {
      switch event {
      case .tokenized(let use): drawn.append(use.drawnCount)
      case .remark(let words): remarks.append(words.description)
      case .stepped(let report): epochs.append(report.epoch)
      default: break
      }
    }
  }

  private func weights(_ name: String) throws -> Data { try Data(contentsOf: place.url("\(name)/model.safetensors")) }

  private func expectSameBits<Recipe: TrainingRecipe>(of whole: Recipe, _ broken: Recipe, stoppingAfter step: Int)
    throws
  {
    #expect(try whole.run() == .finished)
    let listener = Listener()
    listener.stopsAfter = step
    #expect(try broken.run(observing: [listener]) == .interrupted)
    var resumed = broken
    resumed.saving.resume = true
    #expect(try resumed.run() == .finished)
    #expect(try weights("whole") == weights("broken"))
  }

  /// An epoch takes 20 + 10 pairs, in four steps; the reference scores those of the second epoch too.
  @Test func aMixtureGoesOnWhereItWasStopped() throws {
    try expectSameBits(of: recipe("whole", [2, 0.5]) as DPORecipe, recipe("broken", [2, 0.5]), stoppingAfter: 5)
    let card = try place.text("whole/README.md")
    #expect(card.contains("| `a.jsonl` | 10 | 10 (20 an epoch) | 0 | 0 |"), "\(card)")
    #expect(card.contains("| `b.jsonl` | 20 | 20 (10 an epoch) | 0 | 0 |"))
    #expect(try place.text("whole/config.yaml").contains("data-weights: 2.0,0.5\n"))
    var other: DPORecipe = recipe("broken", [2, 1])
    other.saving.resume = true
    #expect(throws: TrainingError.self) { try other.run() }
  }

  @Test func anotherSeedDrawsOthers() throws {
    var (first, second): (DPORecipe, DPORecipe) = (recipe("first", [1, 0.5]), recipe("second", [1, 0.5]))
    let listener = Listener()
    #expect(try first.run(observing: [listener]) == .finished)
    #expect(listener.drawn == [10, 10] && listener.epochs.count == 6 && listener.epochs[2] == 1)
    second.optimization.seed += 1
    #expect(try second.run() == .finished)
    #expect(try weights("first") != weights("second"))
    // Held-out records are measured once, and not drawn of.
    first = recipe("held-out", [1, 0.5])
    first.heldOut.evalFraction = 0.2
    let measuring = Listener()
    #expect(try first.run(observing: [measuring]) == .finished)
    #expect(measuring.drawn.count == 3 && measuring.drawn[2] == nil)
  }

  @Test func weightsOfOneChangeNoBit() throws {
    #expect(try (recipe("plain", nil) as DPORecipe).run() == .finished)
    #expect(try (recipe("mixed", [1, 1]) as DPORecipe).run() == .finished)
    #expect(try weights("plain") == weights("mixed"))
    #expect(try !place.text("plain/config.yaml").contains("data-weights"))
  }

  @Test func ratedAnswersAreMixedToo() throws {
    let listener = Listener()
    #expect(try (recipe("heard", [2, 0.5]) as KTORecipe).run(observing: [listener]) == .finished)
    #expect(listener.drawn == [40, 20])
    #expect(listener.remarks.contains { $0.hasSuffix("are bad in the first epoch") }, "\(listener.remarks)")
    try expectSameBits(of: recipe("whole", [2, 0.5]) as KTORecipe, recipe("broken", [2, 0.5]), stoppingAfter: 9)
  }

  @Test func aWeightThatTakesNothingIsRefused() throws {
    let error = #expect(throws: (any Error).self) { try (recipe("none", [1, 0.01]) as DPORecipe).run() }
    #expect(
      "\(try #require(error))"
        == "'data-weights': an epoch takes none of the 20 records of b.jsonl with 0.01; raise it, or leave them out")
  }
}
