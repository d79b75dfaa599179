import Llama
import ModelFiles
import Torch
import Training
import Wording

/// What a run takes of the memory: as its recipe is, and as it might be changed to fit.
struct RunMemory {
  /// Settings by their names, with the texts of their values.
  typealias Change = [(name: String, value: String)]

  private let plan: (Change, _ free: Int) throws -> MemoryPlan
  private let isAdapting: Bool
  private let ranks: Int
  private let recipe: any TrainingRecipe
  /// The tokens of the longest example, once the data are read.
  var longest = 0
  /// The most tokens of a batch.
  var largestBatch = Int.max
  /// What the process has taken already.
  var present: [MemoryEstimate.Part] = []

  /// - Parameters:
  ///   - isAdapting: whether an adapter trains.
  ///   - ranks: how many train together.
  ///   - plan: what a recipe does, data apart.
  init<Recipe: TrainingRecipe>(
    _ recipe: Recipe, isAdapting: Bool, ranks: Int = 1, plan: @escaping (Recipe) throws -> MemoryPlan
  ) {
    self.recipe = recipe
    self.isAdapting = isAdapting
    self.ranks = ranks
    self.plan = { change, free in
      var changed = recipe
      for (name, value) in change { try changed.set(name, to: [value]) }
      var result = try plan(changed)
      (result.dtype, result.moments) = (changed.machine.dtype, changed.optimization.optimizer.moments)
      result.gradients = changed.optimization.gradientDtype
      result.microTokens = changed.optimization.microTokens
      switch changed.optimization.recompute {
      case .auto: result.activationBytes = result.activationBudget(free: free)
      case .always: result.activationBytes = 0
      case .never: result.activationBytes = .max
      }
      return result
    }
  }

  /// What the recipe does, changed or as it is, where so many bytes are free.
  func settled(_ change: Change = [], free: Int) throws -> MemoryPlan {
    var plan = try plan(change, free)
    (plan.longest, plan.largestBatch, plan.present) = (longest, largestBatch, present)
    return plan
  }

  /// Finds that the run does not fit before anything is loaded.
  /// - Parameter free: the bytes that there are.
  /// - Throws: `TrainingError` with the parts, and the smallest change of settings by which it would fit.
  func requireRoom(in free: Int) throws {
    let estimate = try MemoryEstimate(settled(free: free))
    guard estimate.needed > free else { return }
    let problem: Wording = "training needs \(estimate), and this machine has \(MemoryEstimate.text(free)) to give; "
    var last: (change: Change, need: Int)?
    for change in changes {
      let changed = try MemoryEstimate(settled(change, free: free))
      if changed.needed <= free {
        throw TrainingError(problem + "with \(Self.words(change)) it needs about \(MemoryEstimate.text(changed.total))")
      }
      if changed.needed < last?.need ?? .max { last = (change, changed.needed) }
    }
    guard let (change, need) = last, need < estimate.needed else {
      throw TrainingError(problem + "a smaller model needs less, or end other programs")
    }
    throw TrainingError(
      problem
        + "even with \(Self.words(change)) it needs \(MemoryEstimate.text(need)) more than it has taken; name a smaller model"
    )
  }

  /// What may be changed, from what costs least: time, then what ranks send one another, then the optimizer's exactness, then what
  /// trains, then how exactly the rest is kept.
  private var changes: [Change] {
    let optimization = recipe.optimization
    let fewer = [1024, 512, 256].filter { $0 < optimization.microTokens }.map {
      [(name: "micro-tokens", value: "\($0)")]
    }
    let again: [Change] = optimization.recompute == .never ? [[("recompute", "auto")]] : []
    let always: Change = optimization.recompute == .always ? [] : [("recompute", "always")]
    let slower = again + fewer + (fewer.last.map { [$0 + always] } ?? [always])
    let moments: Change = optimization.optimizer == .adamw ? [("optimizer", "adamw8bit")] : []
    let gradients: Change = summable ? [("gradient-dtype", "bfloat16")] : []
    let narrow = [moments].filter { !$0.isEmpty } + (gradients.isEmpty ? [] : [moments + gradients])
    let adapters: [Change] = isAdapting ? [] : [[("lora-rank", "16")]]
    let bases = ["bfloat16", "int8", "nf4"].map { (adapters.first ?? []) + [(name: "base-type", value: $0)] }
    return slower + (shardings + narrow + adapters + bases).flatMap { change in [change] + slower.map { change + $0 } }
  }

  /// Whether gradients may be summed in bfloat16 that are not yet.
  private var summable: Bool {
    !isAdapting && recipe.optimization.gradientDtype == .float32 && (ranks == 1 || recipe.ranks.shard == .all)
  }

  /// What several ranks may split that they do not yet.
  private var shardings: [Change] {
    guard ranks > 1 else { return [] }
    return Sharding.allCases.drop { $0 != recipe.ranks.shard }.dropFirst().compactMap { sharding in
      var changed = recipe
      changed.ranks.shard = sharding
      return (try? changed.checkSharding()).map { [(name: "shard", value: sharding.rawValue)] }
    }
  }

  private static func words(_ change: Change) -> Wording {
    change.enumerated().reduce("") { words, item in
      words + "\(item.offset > 0 ? " " : "")\(setting: item.element.name) \(item.element.value)"
    }
  }
}
