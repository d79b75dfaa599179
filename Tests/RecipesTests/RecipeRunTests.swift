import Foundation
import JSON
import Recipes
import TestSupport
import Testing
import Torch
import Training

/// Recipes as a Swift program runs them.
@Suite struct RecipeRunTests {
  private let place: TemporaryFolder
  private var folder: URL { place.url("run") }
  private static let fixtures = Checkout.fixtures(of: "TrainingTests")

  init() throws { place = try TemporaryFolder() }

  private var recipe: DPORecipe {
    var recipe = DPORecipe(
      model: Checkout.tinyModel.path, data: [Self.fixtures.appending(path: "pairs.jsonl").path],
      output: folder.path)
    recipe.pace.batchSize = 8
    recipe.pace.learningRate = 1e-3
    recipe.optimization.maxSteps = 3
    recipe.heldOut.evalFraction = 0.2
    return recipe
  }

  /// Counts what happens, by kind; asks to stop at the first of a kind, where one is named.
  private final class Tally: RunObserver {
    private(set) var kinds: [String] = []
    var stopsAt: String?

    var asksToStop: Bool { stopsAt.map(kinds.contains) ?? false }

    func observe(_ event: RunEvent) {
      let kind = String("\(event)".prefix { $0.isLetter })
      if kinds.last != kind { kinds.append(kind) }
    }
  }

  @Test func aRunTellsWhatItDoesInItsOrder() throws {
    let tally = Tally()
    #expect(try recipe.run(observing: [tally]) == .finished)
    #expect(
      tally.kinds.filter { $0 != "remark" } == [
        "tokenized", "loading", "scored", "scoredAll", "began", "stepped", "evaluating", "evaluated", "finished",
      ])
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    for name in ["model.safetensors", "README.md", "config.yaml", "metrics.jsonl", "tensorboard", "origin.json"] {
      #expect(names.contains(name), "\(name)")
    }
  }

  @Test func anObserverStopsARunThatGoesOnLater() throws {
    let tally = Tally()
    tally.stopsAt = "stepped"
    #expect(try recipe.run(observing: [tally]) == .interrupted)
    var resumed = recipe
    resumed.saving.resume = true
    resumed.preference.beta = 0.2
    let error = #expect(throws: TrainingError.self) { try resumed.run() }
    #expect(error?.description.contains("has 'beta: 0.1', not 'beta: 0.2'; resume with the same settings") == true)
    resumed.preference.beta = 0.1
    // How often it saves decides nothing.
    resumed.saving.saveEvery = 1
    #expect(try resumed.run() == .finished)
  }

  @Test func aRunThatDoesNotFitIsRefusedWithItsSum() throws {
    let estimate = MemoryEstimate(
      try LlamaConfigFixture.sevenBillion(), microTokens: 2048, longest: 2048, activationBytes: .max)
    let error = #expect(throws: TrainingError.self) { try estimate.requireRoom(in: 24 << 30) }
    #expect(
      error?.description
        == "training needs about 120.8 GB: 107.8 parameters, 12.2 activations, 0.6 one layer at work, 0.1 logits, and this "
        + "machine has 25.8 GB to give; a smaller model needs less, or end other programs")
    #expect(throws: Never.self) { try estimate.requireRoom(in: 160 << 30) }
  }
}
