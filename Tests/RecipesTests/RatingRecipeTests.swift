import Foundation
import JSON
import Recipes
import TestSupport
import Testing
import Training

/// KTO and BCO as a Swift program runs them.
@Suite struct RatingRecipeTests {
  private let place: TemporaryFolder
  private var folder: URL { place.url }
  private static let fixtures = Checkout.fixtures(of: "TrainingTests")

  init() throws { place = try TemporaryFolder() }

  private func recipe<Recipe: TrainingRecipe>(_ name: String) -> Recipe {
    var recipe = Recipe(
      model: Self.fixtures.appending(path: "model").path, data: [Self.fixtures.appending(path: "pairs.jsonl").path],
      output: folder.appending(path: name).path)
    recipe.pace.batchSize = 8
    recipe.pace.learningRate = 1e-3
    recipe.optimization.maxSteps = 5
    recipe.heldOut.evalFraction = 0.2
    return recipe
  }

  /// Hears what a person would be told; asks to stop after a step.
  private final class Listener: RunObserver {
    private(set) var remarks: [String] = []
    private var steps = 0
    var stopsAfter: Int?

    var asksToStop: Bool { steps == stopsAfter }

    func observe(_ event: RunEvent) {
      if case .remark(let words) = event { remarks.append(words.description) }
      if case .stepped = event { steps += 1 }
    }
  }

  private func weights(_ name: String) throws -> Data {
    try Data(contentsOf: folder.appending(path: "\(name)/model.safetensors"))
  }

  /// A run that was stopped and resumed leaves the bits of one that was not.
  private func expectSameBits<Recipe: TrainingRecipe>(of whole: Recipe, _ broken: Recipe) throws {
    #expect(try whole.run() == .finished)
    let listener = Listener()
    listener.stopsAfter = 2
    #expect(try broken.run(observing: [listener]) == .interrupted)
    var resumed = broken
    resumed.saving.resume = true
    #expect(try resumed.run() == .finished)
    #expect(try weights("whole") == weights("broken"))
  }

  @Test func bcoGoesOnWithTheMeanOfItsRewards() throws {
    try expectSameBits(of: recipe("whole") as BCORecipe, recipe("broken"))
    let state = try JSON(
      parsing: [UInt8](Data(contentsOf: folder.appending(path: "broken/checkpoint-2/trainer_state.json"))))
    #expect(state["objective"]?["reward_count"]?.double == 16)
  }

  @Test func ktoGoesOnWithItsBatches() throws {
    try expectSameBits(of: recipe("whole") as KTORecipe, recipe("broken"))
  }

  @Test func ktoSaysWhatItCounts() throws {
    var kto: KTORecipe = recipe("run")
    kto.heldOut.evalFraction = 0
    kto.optimization.noShuffle = true
    kto.rating.desirableWeight = 2
    let listener = Listener()
    #expect(try kto.run(observing: [listener]) == .finished)
    #expect(listener.remarks.prefix(1) == ["30 answers are good, 30 are bad"])
    let lines = try String(contentsOf: folder.appending(path: "run/metrics.jsonl"), encoding: .utf8)
    // The first 30 answers are the chosen ones.
    let first = try JSON(parsing: String(lines.split(separator: "\n")[0]))
    for (name, value) in [("loss", 1.0), ("rewards/chosen", 0), ("kl", 0)] {
      #expect(abs((first[name]?.double ?? -1) - value) < 1e-4, "\(name)")
    }
    #expect(first["rewards/rejected"] == nil)
  }

  @Test func weightsThatDoNotBalanceAreRemarked() throws {
    let ratings = folder.appending(path: "ratings.jsonl")
    let rows = (0..<8).map { #"{"prompt": "Why \#($0)?", "completion": "So.", "label": \#($0 < 6)}"# }
    try Data((rows.joined(separator: "\n") + "\n").utf8).write(to: ratings)
    var kto: KTORecipe = recipe("run")
    kto.data.data = [ratings.path]
    kto.heldOut.evalFraction = 0
    let listener = Listener()
    try kto.run(observing: [listener])
    #expect(
      listener.remarks.prefix(2) == [
        "6 answers are good, 2 are bad",
        "good and bad answers are out of balance: either a 'desirable-weight' from 0.33 to 0.44 or an 'undesirable-weight' "
          + "from 2.26 to 3.00 would weigh them as KTO's authors advise",
      ])
    kto.rating.undesirableWeight = 2.5
    kto.saving.output = folder.appending(path: "balanced").path
    let quiet = Listener()
    try kto.run(observing: [quiet])
    #expect(!quiet.remarks.contains { $0.contains("balance") })
  }

  @Test func zNeedsTwoAnswers() throws {
    var kto: KTORecipe = recipe("run")
    kto.pace.batchSize = 1
    let error = #expect(throws: SettingError.self) { try kto.check() }
    #expect(error?.description == "'batch-size' must be at least 2 for 'loss' kto, whose z is of a batch")
    kto.pace.batchSize = 4
    kto.rating.klBatchSize = 8
    let other = #expect(throws: SettingError.self) { try kto.run() }
    #expect(other?.description == "'kl-batch-size' must be at most 'batch-size', which is 4")
  }
}
