import Foundation
import JSON
import Wording

extension Sweep {
  /// More runs than anybody waits for.
  static var maximumCount: Int { 1000 }

  /// The runs: one for each combination of values that is one of its own.
  ///
  /// A setting may mean nothing beside another, as `simpo-gamma` to a loss that is not SimPO's. Combinations that differ only in
  /// such settings have the same record, and are one run.
  var runs: [SweepRun<Recipe>] {
    get throws {
      try checkNames()
      let recipes = try combinations.map(recipe)
      var places: [TextKey: Int] = [:]
      let identities = recipes.enumerated().map { place, recipe in
        let key = TextKey(JSON.object(recipe.record).text)
        places[key] = places[key] ?? place
        return places[key] ?? place
      }
      try checkDifferences(identities)

      var names: Set<String> = []
      return recipes.indices.filter { identities[$0] == $0 }.map { place in
        let settings = settings(of: recipes[place], at: place, identities)
        var recipe = recipes[place]
        recipe.saving.resume = false
        recipe.saving.output =
          self.recipe.saving.folder.appending(path: SweepRun<Recipe>.name(settings, &names)).relativePath
        return SweepRun(recipe: recipe, settings: settings)
      }
    }
  }

  /// The recipe of a combination. Where its check fails, settings that mean nothing beside the others stay as they were.
  private func recipe(_ combination: [(name: String, text: String)]) throws -> Recipe {
    func recipe(_ combination: [(name: String, text: String)]) throws -> Recipe {
      var recipe = self.recipe
      for (name, text) in combination { try recipe.set(name, to: [text]) }
      return recipe
    }
    let whole = try recipe(combination)
    do { try whole.check() } catch {
      let record = whole.record
      let meant = combination.filter { record[$0.name] != nil }
      guard meant.count < combination.count else { throw error }
      let rest = try recipe(meant)
      try rest.check()
      return rest
    }
    return whole
  }

  private func checkNames() throws {
    let sweep = "\(setting: RunRecord.sweepName)" as Wording
    guard !values.isEmpty else { throw SettingError("\(sweep) names no setting that varies") }
    var count = 1
    for (name, texts) in values {
      guard try Recipe.group(of: name).meaning != .common else {
        throw SettingError("\(sweep): \(setting: name) is the same in all runs; vary what the loss or the training has")
      }
      if name == "seed", recipe.heldOut.evalFraction > 0 {
        throw SettingError(
          "\(sweep): each seed would hold out other records; name them by \(setting: "eval-data") instead of \(setting: "eval-fraction")"
        )
      }
      guard texts.count > 1, !texts.contains("") else {
        throw SettingError("\(sweep): \(setting: name) needs two values or more, as \(name)=VALUE,VALUE")
      }
      if let text = texts.first(where: { $0.contains(";") }) {
        throw SettingError("\(sweep): a value of \(setting: name) may hold no semicolon, as '\(text)' does")
      }
      count *= texts.count
      guard count <= Self.maximumCount else {
        throw SettingError("\(sweep) asks for more than \(Self.maximumCount) runs; give fewer values")
      }
    }
    if let best, best.hasPrefix("eval_"), !recipe.heldOut.holdsOut, recipe.heldOut.evalTask.isEmpty {
      throw SettingError(
        "\(setting: Self.bestName) \(best) needs held-out data: \(setting: "eval-data") or \(setting: "eval-fraction")")
    }
    if let best, best.hasPrefix("eval_answers/"), recipe.heldOut.evalAnswers == 0 {
      throw SettingError("\(setting: Self.bestName) \(best) needs \(setting: "eval-answers")")
    }
  }

  /// All combinations of the values, the last setting's varying first.
  private var combinations: [[(name: String, text: String)]] {
    values.reduce([[]]) { combinations, setting in
      combinations.flatMap { combination in setting.value.map { combination + [(setting.key, $0)] } }
    }
  }

  /// No two values of a setting may be the same throughout.
  private func checkDifferences(_ identities: [Int]) throws {
    for (index, (name, texts)) in values.enumerated() {
      var known: [[Int]: String] = [:]
      for (digit, text) in texts.enumerated() {
        let runs = identities.indices.filter { self.digit(index, of: $0) == digit }.map { identities[$0] }
        guard let other = known.updateValue(text, forKey: runs) else { continue }
        throw SettingError(
          "\(setting: RunRecord.sweepName): \(setting: name) is the same with '\(other)' and '\(text)'")
      }
    }
  }

  /// The varied settings that make a difference to a run, with their values.
  private func settings(of recipe: Recipe, at place: Int, _ identities: [Int]) -> TextKeyed<String> {
    let record = recipe.record
    return TextKeyed(
      values.enumerated().compactMap { index, setting in
        let (stride, digit) = (stride(of: index), digit(index, of: place))
        let others = setting.value.indices.map { identities[place + ($0 - digit) * stride] }
        guard others.contains(where: { $0 != identities[place] }) else { return nil }
        return (setting.key, record[setting.key].map { $0.string ?? $0.text } ?? setting.value[digit])
      })
  }

  /// How far apart combinations are that differ only in the next value of a setting.
  private func stride(of index: Int) -> Int { values.values.dropFirst(index + 1).reduce(1) { $0 * $1.count } }

  /// Which of its values a setting has in a combination.
  private func digit(_ index: Int, of place: Int) -> Int { place / stride(of: index) % values.values[index].count }
}
