import ArgumentParser
import Recipes

/// The options of a command that a group of settings has: their names, help, defaults and checks are the settings' own.
///
/// ArgumentParser learns of a type's options by its properties, as a mirror shows them. This type's mirror shows one for each
/// setting. Values are taken as texts, and the group makes of them what it holds.
struct Options<Group: SettingGroup>: ParsableArguments, CustomReflectable {
  /// The settings as they were asked for.
  private(set) var group = Group()
  /// What could not be taken, to be thrown where arguments are validated.
  private var problem: SettingError?

  init() {}

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    for setting in Group.settings {
      let name = Name(stringValue: setting.name)
      let texts: [String]? =
        switch setting.kind {
        case .flag: try container.decode(Flag<Bool>.self, forKey: name).wrappedValue ? ["true"] : nil
        case .list: try container.decode(Option<[String]>.self, forKey: name).wrappedValue
        case .value: try container.decode(Option<String?>.self, forKey: name).wrappedValue.map { [$0] }
        }
      do { if let texts { try group.set(setting, to: texts) } } catch { problem = problem ?? error }
    }
  }

  var customMirror: Mirror {
    Mirror(
      self,
      children: Group.settings.map { setting -> (label: String?, value: Any) in
        let (help, name) = (setting.argumentHelp(withFacts: true), NameSpecification.customLong(setting.name))
        return switch setting.kind {
        case .flag: (setting.name, Flag<Bool>(wrappedValue: false, name: name, help: help))
        case .list: (setting.name, Option<[String]>(wrappedValue: [], name: name, parsing: .upToNextOption, help: help))
        case .value: (setting.name, Option<String?>(name: name, help: help, completion: setting.completion))
        }
      })
  }

  func validate() throws {
    do {
      if let problem { throw problem }
      try group.check()
    } catch { throw ValidationError(spoken(error)) }
  }

  /// An option's name as a coding key.
  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}

extension Setting {
  /// What help says of it: what it means and, where it is to, the values it may have and its default.
  fileprivate func argumentHelp(withFacts: Bool) -> ArgumentHelp {
    let facts = [
      choices.isEmpty ? nil : "values: \(choices.joined(separator: ", "))", defaultText.map { "default: \($0)" },
    ].compactMap(\.self)
    let end = facts.isEmpty || !withFacts ? "" : " (\(facts.joined(separator: "; ")))"
    return ArgumentHelp(stringLiteral: help.onCommandLine + end).named(kind == .flag ? nil : valueName)
  }

  fileprivate var completion: CompletionKind? { choices.isEmpty ? nil : .list(choices) }
}

extension ArgumentHelp {
  fileprivate func named(_ valueName: String?) -> ArgumentHelp {
    var help = self
    help.valueName = valueName
    return help
  }
}

extension SettingGroup {
  /// The help of a setting, for a command that has it by itself.
  static func help(_ name: String) -> ArgumentHelp {
    settings.first { $0.name == name }?.argumentHelp(withFacts: false) ?? ""
  }
}

extension Recipe {
  /// The command line of the recipe: the settings that are not as they are by default.
  var arguments: [String] {
    let defaults = Self().record
    return ["--output", saving.output]
      + record.filter { defaults[$0.key] != $0.value }.flatMap { name, value in
        if let isOn = value.bool { return isOn ? ["--" + name] : [] }
        return ["--" + name] + (value.array ?? [value]).map { $0.string ?? $0.text }
      }
  }
}
