import Alignment
import Datasets
import Foundation
import Objectives
import Training
import Wording

/// What recipes for rated answers do with their data.
enum RatedData {
  /// Reads and tokenizes the ratings of a run, and both sides of its pairs.
  static func read(_ recipe: some TrainingRecipe, _ beginning: RunBeginning) throws -> TrainingData {
    try TrainingData(recipe, beginning, prompt: \RatedAnswers.prompt) {
      try beginning.builder.examples($0.ratings, limits: beginning.limits)
    }
  }

  /// Settles the order, which is shuffled once where it is to be, and gives each example its companion.
  static func addMismatchedAnswers(
    to data: inout TrainingData, of recipe: KTORecipe, _ beginning: RunBeginning
  ) throws {
    let (size, pace) = (recipe.rating.klBatchSize ?? recipe.pace.batchSize, recipe.pace.batchSize)
    let seed = recipe.optimization.noShuffle ? nil : recipe.optimization.seed
    data.examples = data.order(batchSize: pace, seed: seed).batches(epoch: 0).joined().map { data.examples[$0] }
    data.mixture = nil
    let length = beginning.limits.maximumLength
    let matched = data.examples.addMismatchedAnswers(batchSize: pace, groupSize: size, maximumLength: length)
    _ = data.heldOut.addMismatchedAnswers(batchSize: pace, groupSize: size, maximumLength: length)
    if matched > 0 {
      try beginning.context.remark(
        "z is estimated from each answer under another record's prompt: for \(matched) of \(data.examples.count) that is the "
          + "answer's own")
    }
  }

  /// Says how many answers are good and how many bad; of a mixture, those of its first epoch.
  @discardableResult
  static func remarkCounts(_ data: TrainingData, _ context: RunContext) throws -> (good: Int, bad: Int) {
    let places = data.mixture?.places(epoch: 0) ?? Array(data.examples.indices)
    let good = places.count { data.examples[$0].columns[.label] == [[1]] }
    let bad = places.count - good
    let epoch = data.mixture == nil ? "" : " in the first epoch"
    let lack = good == 0 || bad == 0 ? "; without the others there is nothing to tell them from" : ""
    try context.remark("\(good) answers are good, \(bad) are bad\(epoch)\(lack)")
    return (good, bad)
  }

  /// Says so too where the weights leave the kinds further apart than the paper advises (equation 8): the good ones' sum should be
  /// 1 to 4/3 times the bad ones'.
  static func remarkBalance(_ data: TrainingData, of settings: KTOSettings, _ context: RunContext) throws {
    let counts = try remarkCounts(data, context)
    guard counts.good > 0, counts.bad > 0, counts.good != counts.bad else { return }
    let (good, bad) = (Double(counts.good), Double(counts.bad))
    let (desirable, undesirable) = (settings.desirableWeight, settings.undesirableWeight)
    func text(_ value: Double) -> String { String(format: "%.2f", value) }
    func rounded(_ value: Double) -> Double { (value * 100).rounded(.toNearestOrEven) / 100 }
    let forGood = (rounded(bad * undesirable / good), rounded(bad * undesirable / good * 1.33))
    let forBad = (rounded(good * desirable / bad / 1.33), rounded(good * desirable / bad))
    guard !(forGood.0...forGood.1).contains(desirable), !(forBad.0...forBad.1).contains(undesirable) else { return }
    try context.remark(
      "good and bad answers are out of balance: either a \(setting: "desirable-weight") from \(text(forGood.0)) to "
        + "\(text(forGood.1)) or an \(setting: "undesirable-weight") from \(text(forBad.0)) to \(text(forBad.1)) would weigh "
        + "them as KTO's authors advise")
  }
}
