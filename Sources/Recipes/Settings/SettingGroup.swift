import JSON
import Wording

/// Settings that belong together, as plain properties of a value.
public protocol SettingGroup: Sendable, Equatable {
  /// The defaults.
  init()

  /// What can be chosen, in the order of help and record.
  static var settings: [Setting<Self>] { get }

  /// What they mean to runs that are compared; a part of the loss, unless the group says otherwise.
  static var meaning: SettingMeaning { get }

  /// Checks what the settings say together; each alone is checked before.
  func checkTogether() throws
}

extension SettingGroup {
  /// A part of the loss.
  public static var meaning: SettingMeaning { .loss }

  /// Nothing to check.
  public func checkTogether() throws {}

  /// Checks all settings.
  /// - Throws: `SettingError` naming the first that cannot be so.
  public func check() throws {
    for setting in Self.settings { try setting.check(self) }
    try checkTogether()
  }

  /// Takes a setting's value by its texts, without checking it.
  public mutating func set(_ setting: Setting<Self>, to texts: [String]) throws(SettingError) {
    try setting.take(&self, texts)
  }

  /// What is recorded of the settings, in their order.
  public var record: TextKeyed<JSON> {
    var record: TextKeyed<JSON> = [:]
    for setting in Self.settings { record[setting.name] = setting.record(self) }
    return record
  }
}
