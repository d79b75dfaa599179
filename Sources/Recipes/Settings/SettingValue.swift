import Alignment
import JSON
import Objectives
import Text
import Torch
import Training

/// A type that settings may have: its values are text on a command line, and JSON or YAML in a file.
public protocol SettingValue: Sendable, Equatable {
  /// The value that a text stands for.
  init?(text: String)
  /// The value as it is recorded.
  var json: JSON { get }
  /// All values, where they are few.
  static var choices: [String] { get }
}

extension SettingValue {
  /// Too many to list.
  public static var choices: [String] { [] }
}

extension String: SettingValue {
  /// Itself.
  public init?(text: String) { self = text }
  /// A text.
  public var json: JSON { .string(self) }
}

extension Int: SettingValue {
  /// A whole number.
  public init?(text: String) { self.init(text) }
  /// A number.
  public var json: JSON { .integer(self) }
}

extension Double: SettingValue {
  /// A number.
  public init?(text: String) { self.init(text) }
  /// A number.
  public var json: JSON { .number(self) }
}

extension UInt64: SettingValue {
  /// A whole number.
  public init?(text: String) { self.init(text) }
  /// A text, since not every JSON reader keeps so large numbers.
  public var json: JSON { .string(String(self)) }
}

extension SettingValue where Self: CaseIterable & RawRepresentable<String> {
  /// The case of that name.
  public init?(text: String) { self.init(rawValue: text) }
  /// Its name.
  public var json: JSON { .string(rawValue) }
  /// The names of all cases.
  public static var choices: [String] { allCases.map(\.rawValue) }
}

extension ChatFormat.BeginningRule: SettingValue {}
extension DType: SettingValue {}
extension KTOLoss.Kind: SettingValue {}
extension LearningRateSchedule.Shape: SettingValue {}
extension LossMask: SettingValue {}

extension PreferenceLoss: ListedValue {
  /// The loss of a name, ours or TRL's.
  public init?(text: String) { self.init(named: text) }
}

extension FDivergence: SettingValue {
  /// The divergence of a name, ours or TRL's.
  public init?(text: String) { self.init(named: text) }
}

/// A type of which a setting may have several values, with commas between them.
public protocol ListedValue: SettingValue {}

extension Double: ListedValue {}

extension Array: SettingValue where Element: ListedValue {
  /// The values that a text names.
  public init?(text: String) {
    self = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let words = part.split(separator: " ")
      guard words.count == 1, let value = Element(text: String(words[0])) else { return nil }
      append(value)
    }
  }

  /// A text that names them.
  public var json: JSON { .string(map { $0.json.string ?? $0.json.text }.joined(separator: ",")) }

  /// What each may be.
  public static var choices: [String] { Element.choices }
}
