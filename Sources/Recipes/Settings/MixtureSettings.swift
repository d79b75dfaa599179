import Wording

/// How much of each source of the data an epoch takes.
public struct MixtureSettings: SettingGroup {
  /// How often an epoch takes each record, source by source; each once without it.
  public var dataWeights: [Double]?

  /// Every record once.
  public init() {}

  /// The same in all runs that are compared.
  public static var meaning: SettingMeaning { .common }

  /// The settings.
  public static let settings: [Setting<Self>] = [
    Setting(
      "data-weights", \.dataWeights,
      """
      How often an epoch takes each record, a number for each path of \(setting: "data") with commas between them: 2 is twice, 0.5 \
      a random half of the records, another one in each epoch (in KTO, whose batches stay as they are, the same one). Without it, 1 each. Held-out records are always measured once.
      """,
      valueName: "numbers")
  ]

  /// Weights draw something, and not without end.
  public func checkTogether() throws {
    guard let weight = dataWeights?.first(where: { !($0 > 0 && $0 <= 100) }) else { return }
    throw SettingError("\(setting: "data-weights") must be greater than 0 and at most 100, not \(weight)")
  }

  /// Each path has its weight.
  func check(for data: DataSettings) throws {
    guard let dataWeights, dataWeights.count != data.data.count else { return }
    throw SettingError(
      "\(setting: "data-weights") has \(dataWeights.count) of them for \(data.data.count) of \(setting: "data"); "
        + "give each its own")
  }
}
