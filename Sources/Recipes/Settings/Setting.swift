import JSON
import Wording

/// One thing that can be chosen about a run: its name, what it means, its default, what it may be, and how it is recorded, said
/// in one place. The command line makes its options of these, and `config.yaml` is their record.
public struct Setting<Group: Sendable>: Sendable {
  /// What a setting takes.
  public enum Kind: Sendable {
    /// One value.
    case value
    /// Any number of values.
    case list
    /// Nothing: it is there or not.
    case flag
  }

  /// Its name: lower-case words with hyphens between them.
  public let name: String
  /// What it means, in a sentence or two.
  public let help: Wording
  /// What it takes.
  public let kind: Kind
  /// What a value is called in help.
  public let valueName: String
  /// The values it may have, where they are few.
  public let choices: [String]
  /// The default as text, where there is one.
  public let defaultText: String?
  /// Whether something must be given.
  public let isRequired: Bool
  /// Whether it decides the course of a run, so that a run may only be resumed with the same.
  public let isDeciding: Bool
  /// The value as it is recorded; nil where the record leaves it out.
  let record: @Sendable (Group) -> JSON?
  /// Takes a value by its texts.
  let take: @Sendable (inout Group, [String]) throws(SettingError) -> Void
  /// Whether the value is one it may have.
  let check: @Sendable (Group) throws(SettingError) -> Void

  private init(
    _ name: String, _ help: Wording, _ kind: Kind, valueName: String? = nil, choices: [String] = [],
    defaultText: String?, isRequired: Bool = false, isDeciding: Bool,
    record: @escaping @Sendable (Group) -> JSON?,
    take: @escaping @Sendable (inout Group, [String]) throws(SettingError) -> Void,
    check: @escaping @Sendable (Group) throws(SettingError) -> Void = { _ throws(SettingError) in }
  ) {
    self.name = name
    self.help = help
    self.kind = kind
    self.valueName = valueName ?? name
    self.choices = choices
    self.defaultText = defaultText
    self.isRequired = isRequired
    self.isDeciding = isDeciding
    self.record = record
    self.take = take
    self.check = check
  }
}

extension Setting where Group: SettingGroup {
  /// A setting with a value.
  /// - Parameters:
  ///   - isRequired: whether it has no default that means anything.
  ///   - rule: what it may be.
  ///   - isRecorded: whether the record has it, given the others.
  public init<Value: SettingValue>(
    _ name: String, _ path: WritableKeyPath<Group, Value> & Sendable, _ help: Wording, valueName: String? = nil,
    isRequired: Bool = false, _ rule: Rule<Value> = .any, isDeciding: Bool = true,
    isRecorded: @escaping @Sendable (Group) -> Bool = { _ in true }
  ) {
    self.init(
      name, help, .value, valueName: valueName, choices: Value.choices,
      defaultText: isRequired ? nil : Self.text(Group()[keyPath: path].json), isRequired: isRequired,
      isDeciding: isDeciding, record: { isRecorded($0) ? $0[keyPath: path].json : nil },
      take: { (group, texts) throws(SettingError) in group[keyPath: path] = try Self.value(name, valueName, texts) },
      check: { group throws(SettingError) in
        if isRequired, group[keyPath: path].json.string?.isEmpty ?? false {
          throw SettingError("Missing expected argument '\(setting: name) <\(valueName ?? name)>'")
        }
        try rule.check(group[keyPath: path], name)
      })
  }

  /// A setting that may have no value.
  /// - Parameter standing: what stands for it without one, where that is one value.
  public init<Value: SettingValue>(
    _ name: String, _ path: WritableKeyPath<Group, Value?> & Sendable, _ help: Wording, valueName: String? = nil,
    standing: Value? = nil, _ rule: Rule<Value> = .any
  ) {
    self.init(
      name, help, .value, valueName: valueName, choices: Value.choices,
      defaultText: standing.map { Self.text($0.json) }, isDeciding: true,
      record: { $0[keyPath: path]?.json },
      take: { (group, texts) throws(SettingError) in group[keyPath: path] = try Self.value(name, valueName, texts) },
      check: { group throws(SettingError) in
        if let value = group[keyPath: path] { try rule.check(value, name) }
      })
  }

  /// A setting with any number of values; the record leaves an empty one out.
  public init(
    _ name: String, _ path: WritableKeyPath<Group, [String]> & Sendable, _ help: Wording, valueName: String
  ) {
    self.init(
      name, help, .list, valueName: valueName, defaultText: nil, isDeciding: true,
      record: { $0[keyPath: path].isEmpty ? nil : .array($0[keyPath: path].map(JSON.string)) },
      take: { group, texts in group[keyPath: path] = texts })
  }

  /// A setting that is there or not.
  public init(_ name: String, _ path: WritableKeyPath<Group, Bool> & Sendable, _ help: Wording, isRecorded: Bool = true)
  {
    self.init(name, path, help, isDeciding: isRecorded) { _ in isRecorded }
  }

  /// A setting that is there or not, and is recorded where it is there.
  public init(recordedWhereSet name: String, _ path: WritableKeyPath<Group, Bool> & Sendable, _ help: Wording) {
    self.init(name, path, help, isDeciding: true) { $0[keyPath: path] }
  }

  private init(
    _ name: String, _ path: WritableKeyPath<Group, Bool> & Sendable, _ help: Wording, isDeciding: Bool,
    isRecorded: @escaping @Sendable (Group) -> Bool
  ) {
    self.init(
      name, help, .flag, defaultText: nil, isDeciding: isDeciding,
      record: { isRecorded($0) ? .bool($0[keyPath: path]) : nil },
      take: { (group, texts) throws(SettingError) in
        guard let text = texts.last, let isOn = Bool(text) else {
          throw SettingError("\(setting: name) takes true or false, not '\(texts.last ?? "")'")
        }
        group[keyPath: path] = isOn
      })
  }

  private static func value<Value: SettingValue>(
    _ name: String, _ valueName: String?, _ texts: [String]
  ) throws(SettingError) -> Value {
    let text = texts.joined(separator: ",")
    if let value = Value(text: text) { return value }
    let choices =
      Value.choices.isEmpty
      ? "" : ". Please provide one of the following:\n" + Value.choices.map { "  - \($0)" }.joined(separator: "\n")
    throw SettingError(
      "The value '\(text)' is invalid for '\(setting: name) <\(valueName ?? name)>'" + Wording(choices))
  }

  private static func text(_ json: JSON) -> String { json.string ?? json.text }
}

/// What a setting may be.
public struct Rule<Value: SettingValue>: Sendable {
  private let holds: @Sendable (Value) -> Bool
  private let words: String

  /// Values for which something holds, said so that "must be …" goes before it.
  public init(_ words: String, _ holds: @escaping @Sendable (Value) -> Bool) {
    self.holds = holds
    self.words = words
  }

  /// Anything.
  public static var any: Rule { Rule("") { _ in true } }

  func check(_ value: Value, _ name: String) throws(SettingError) {
    guard holds(value) else {
      throw SettingError("\(setting: name) must be \(words), not \(value)")
    }
  }
}

/// A setting that cannot be as it was asked for.
public struct SettingError: Worded, Sendable, Equatable {
  /// What is wrong, and what would be right.
  public let wording: Wording

  /// A problem, in a sentence.
  public init(_ wording: Wording) { self.wording = wording }
}
