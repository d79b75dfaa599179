import ArgumentParser
import Collectives
import Foundation
import Recipes
import Terminal

/// A command that trains by a recipe: once, or several times to compare.
protocol TrainingCommand: ParsableCommand {
  associatedtype OwnRecipe: TrainingRecipe

  var model: ModelOptions { get }
  var data: Options<DataSettings> { get }
  var mixture: Options<MixtureSettings> { get }
  var heldOut: Options<HeldOutSettings> { get }
  var adapter: Options<AdapterSettings> { get }
  var pace: Options<OwnRecipe.OwnPace> { get }
  var optimization: Options<OptimizationSettings> { get }
  var machine: ComputeOptions { get }
  var ranks: Options<RankSettings> { get }
  var saving: Options<SavingSettings> { get }
  /// What the options say of a run.
  var recipe: OwnRecipe { get }
  /// What they say of several.
  var sweep: SweepOptions { get }
}

extension TrainingCommand {
  /// What the options say that all these commands have.
  var commonRecipe: OwnRecipe {
    var recipe = OwnRecipe()
    recipe.model = model.group
    recipe.data = data.group
    recipe.mixture = mixture.group
    recipe.heldOut = heldOut.group
    recipe.adapter = adapter.group
    recipe.pace = pace.group
    recipe.optimization = optimization.group
    recipe.machine = machine.group
    recipe.ranks = ranks.group
    recipe.saving = saving.group
    return recipe
  }

  func validate() throws {
    do {
      try recipe.checkTogether()
      try runs?.check()
    } catch { throw ValidationError(spoken(error)) }
  }

  func run() throws {
    let ranks = try Launch.join(timeLimit: .seconds(self.ranks.group.collectiveTimeout))
    // A launcher's own handling of Ctrl-C may leave no time to save; what SIGUSR1 means it leaves to its processes.
    if ranks.count > 1 { Interruption.install(also: [SIGUSR1], silently: !ranks.isFirst) }
    guard let runs = try runs else { return try recipe.runOnScreen() }
    try runs.runOnScreen()
  }

  private var runs: Sweep<OwnRecipe>? {
    get throws { sweep.sweep.isEmpty ? nil : try Sweep(recipe, texts: sweep.sweep, best: sweep.best) }
  }
}

extension Sweep {
  /// Trains all runs for a person at the terminal, and prints their comparison.
  /// - Throws: `ExitCode` where a signal stopped it.
  func runOnScreen() throws {
    guard try run(observing: [TrainingScreen()], locating: HubLocator()) == .finished else {
      throw ExitCode(Interruption.exitCode ?? 130)
    }
    guard Launch.isFirst else { return }
    let comparison = try comparison()
    note(
      "the best model is in \(comparison.runs[0].folder.relativePath), and a page with curves is \(recipe.saving.output)/sweep.html"
    )
    try output(comparison.table)
  }
}

/// What help says of the folder that a run writes which learns from its own answers.
let onlineOutput = """
  The output folder holds the trained model with its card (README.md), a line of metrics for each step \
  (metrics.jsonl, and tensorboard/), all answers with their rewards (samples.jsonl), the options (config.yaml) and \
  the newest checkpoints. Ctrl-C saves one.
  """
