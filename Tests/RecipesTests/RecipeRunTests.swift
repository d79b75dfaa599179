import Foundation
import JSON
import ModelFiles
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

  /// A model whose weights are a hole in a file, larger than any memory.
  @Test func aModelThatDoesNotFitIsRefusedBeforeDataAreRead() throws {
    try FileManager.default.copyItem(at: Checkout.tinyModel, to: place.url("model"))
    var json = try #require(JSON(file: Checkout.tinyModel.appending(path: "config.json")).object)
    (json["vocab_size"], json["hidden_size"], json["intermediate_size"]) = (16_000_000, 16384, 64)
    let config = try LlamaConfig(json: .object(json))
    var end = 0
    let tensors = config.architecture.tensors.map { tensor -> (String, JSON) in
      let start = end
      end += 2 * tensor.count
      let shape = tensor.shape.map(JSON.integer)
      return (
        tensor.name, ["dtype": "BF16", "shape": .array(shape), "data_offsets": [.integer(start), .integer(end)]]
      )
    }
    let header = Array(JSON.object(.init(tensors)).text.utf8)
    try place.write("model/config.json", JSON.object(json).text)
    let file = try place.write("model/model.safetensors", withUnsafeBytes(of: header.count) { Array($0) + header })
    #expect(truncate(file.path, off_t(8 + header.count + end)) == 0)
    let run = DPORecipe(model: place.path("model"), data: [place.path("nothing.jsonl")], output: folder.path)
    let error = #expect(throws: TrainingError.self) { try run.run() }
    let words = try #require(error?.description)
    #expect(
      words.hasPrefix("training needs about ") && words.contains("; even with ")
        && words.hasSuffix("name a smaller model"), "\(words)")
    #expect(!FileManager.default.fileExists(atPath: folder.path))
  }

  @Test func theModelsOwnAnswersAreMeasuredAtTheEnd() throws {
    func figures(_ learningRate: Double, _ name: String, syncSteps: Int? = nil) throws -> [String: Double] {
      var recipe = recipe
      recipe.preference.referenceSyncSteps = syncSteps
      recipe.preference.referenceSyncAlpha = syncSteps == nil ? 0.6 : 1
      recipe.optimization.maxSteps = 6
      recipe.pace.learningRate = learningRate
      recipe.heldOut.evalAnswers = 4
      recipe.saving.output = folder.appending(path: name).path
      try recipe.run()
      let metrics = folder.appending(path: name + "/metrics.jsonl")
      let lines = try String(contentsOf: metrics, encoding: .utf8).split(separator: "\n").map {
        try JSON(parsing: String($0))
      }
      #expect(lines.count { $0["eval_answers/length"] != nil } == 1)
      let last = try #require(lines.last?.object)
      return Dictionary(uniqueKeysWithValues: last.compactMap { name, value in value.double.map { (name, $0) } })
    }
    // A rate that changes no weight leaves the reference itself.
    let same = try figures(1e-12, "same")
    #expect(same["eval_answers/kl"] == 0 && same["eval_log_ratio"] == 0)
    let trained = try figures(1e-2, "trained")
    #expect(try #require(trained["eval_answers/kl"]) > 0.1)
    #expect(try (1...256).contains(#require(trained["eval_answers/length"])))
    #expect(try figures(1e-2, "again")["eval_answers/kl"] == trained["eval_answers/kl"])
    // A reference that has become the model says nothing of how far that has gone.
    let moved = try figures(1e-2, "moved", syncSteps: 6)
    #expect(moved["eval_log_ratio"] == 0 && moved["eval_answers/kl"] == trained["eval_answers/kl"])
    var nothing = recipe
    nothing.heldOut = HeldOutSettings()
    nothing.heldOut.evalAnswers = 4
    let error = #expect(throws: SettingError.self) { try nothing.check() }
    #expect(error?.description == "'eval-answers' needs held-out data: 'eval-data' or 'eval-fraction'")
  }
}
