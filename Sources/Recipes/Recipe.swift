import Foundation
import JSON
import Reporting
import Training
import Wording

/// A way of training, as a value: what it says decides the run, and two runs of equal recipes give the same bits.
///
///     var recipe = DPORecipe(model: "assistant-sft", data: ["pairs.jsonl"], output: "assistant-dpo")
///     recipe.preference.beta = 0.05
///     try recipe.run()
///
/// Encoded, it is an object of its settings by their names, as a run's `config.yaml` has them.
public protocol Recipe: Codable, Sendable, Equatable {
  /// The defaults; model, data and output are still to be named.
  init()

  /// The groups of its settings, in the order of help and record.
  static var groups: [RecipeGroup<Self>] { get }

  /// Where the run writes, and what is kept there.
  var saving: SavingSettings { get set }

  /// Checks settings of several groups against one another.
  /// - Throws: `SettingError`.
  func checkTogether() throws

  /// Trains, and writes the trained model with its card into the run's folder.
  /// - Parameters:
  ///   - observers: hear of everything that happens, and may ask to stop.
  ///   - locator: finds what the recipe names; without it, only paths of this machine are names.
  /// - Returns: whether all steps are done; a run that was asked to stop can be resumed.
  @discardableResult
  func run(observing observers: [any RunObserver], locating locator: any Locator) throws -> TrainingRun.Outcome
}

/// A group of a recipe's settings.
public struct RecipeGroup<Recipe: Sendable>: Sendable {
  let names: [String]
  let meaning: SettingMeaning
  let record: @Sendable (Recipe) -> TextKeyed<JSON>
  let deciding: [String]
  let take: @Sendable (inout Recipe, String, [String]) throws -> Bool
  let check: @Sendable (Recipe) throws -> Void

  /// The group at a place of the recipe.
  public init<Group: SettingGroup>(_ path: WritableKeyPath<Recipe, Group> & Sendable) {
    names = Group.settings.map(\.name)
    meaning = Group.meaning
    record = { $0[keyPath: path].record }
    deciding = Group.settings.filter(\.isDeciding).map(\.name)
    check = { try $0[keyPath: path].check() }
    take = { recipe, name, texts in
      guard let setting = Group.settings.first(where: { $0.name == name }) else { return false }
      try recipe[keyPath: path].set(setting, to: texts)
      return true
    }
  }
}

extension Recipe {
  /// Trains without saying anything; see `run(observing:locating:)`.
  @discardableResult
  public func run(observing observers: [any RunObserver] = []) throws -> TrainingRun.Outcome {
    try run(observing: observers, locating: LocalLocator())
  }

  /// Checks all that can be checked without opening a file: that model, data and output are named, and that no setting is what
  /// it cannot be.
  /// - Throws: `SettingError`.
  public func check() throws {
    for group in Self.groups { try group.check(self) }
    try checkTogether()
  }

  /// Any groups go together.
  public func checkTogether() throws {}

  /// What is recorded: the settings that mean something, by name.
  public var record: TextKeyed<JSON> {
    var record: TextKeyed<JSON> = [:]
    for group in Self.groups { record.merge(group.record(self)) { $1 } }
    return record
  }

  /// The recipe of a record, as in `config.yaml`; what the record leaves out keeps its default.
  /// - Throws: `SettingError` for a name that the recipe does not have, and for a value that cannot be.
  public init(record: TextKeyed<JSON>) throws {
    self.init()
    for (name, value) in record where value != .null {
      try set(name, to: (value.array ?? [value]).map { $0.string ?? $0.text })
    }
  }

  /// Takes a setting's value by its texts, without checking it.
  /// - Throws: `SettingError` for a name that the recipe does not have, and for a text that is no such value.
  mutating func set(_ name: String, to texts: [String]) throws {
    for group in Self.groups where try group.take(&self, name, texts) { return }
    throw Self.unknown(name)
  }

  /// The group that a setting belongs to.
  /// - Throws: `SettingError` for a name that the recipe does not have.
  static func group(of name: String) throws -> RecipeGroup<Self> {
    guard let group = groups.first(where: { $0.names.contains(name) }) else { throw unknown(name) }
    return group
  }

  private static func unknown(_ name: String) -> SettingError {
    let nearest = nearestName(name, among: groups.flatMap(\.names))
    return SettingError(
      "there is no setting \(setting: name)" + (nearest.map { "; did you mean \(setting: $0)?" } ?? ""))
  }

  /// The first setting that decides the course of a run and differs in another recipe, with both values.
  func firstDifference(from other: Self) -> (name: String, own: JSON?, other: JSON?)? {
    let (own, other) = (record, other.record)
    for name in Self.groups.flatMap(\.deciding) where own[name] != other[name] { return (name, own[name], other[name]) }
    return nil
  }

  /// Encodes the record.
  public func encode(to encoder: any Encoder) throws { try JSON.object(record).encode(to: encoder) }

  /// Decodes a record.
  public init(from decoder: any Decoder) throws { try self.init(record: JSON(from: decoder).object ?? [:]) }
}
