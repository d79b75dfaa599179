import ArgumentParser
import Foundation
import JSON
import Recipes
import Reporting

/// Puts the options of a `--config FILE.yaml` before those of the command line, which override them.
enum ConfigArguments {
  /// The arguments with the file's options in the place of `--config`.
  /// - Throws: `ReportingError` where the file cannot be read or names an option that the command does not have.
  static func expand(_ arguments: [String]) throws -> [String] {
    guard let command = commands.first(where: { $0.configuration.commandName == arguments.first }) else {
      return arguments
    }
    let arguments = try expandPreset(arguments)
    var own: [String] = []
    var files: [String] = []
    var rest = arguments.dropFirst()
    while let argument = rest.popFirst(), argument != "--" {
      if argument == "--config" {
        guard let file = rest.popFirst() else { return arguments }
        files.append(file)
      } else if argument.hasPrefix("--config=") {
        files.append(String(argument.dropFirst("--config=".count)))
      } else {
        own.append(argument)
      }
    }
    guard let file = files.first else { return arguments }
    guard files.count == 1 else { throw ValidationError("--config is given more than once") }
    let options = try ConfigFile.arguments(from: URL(filePath: file), names: names(of: command), commandLine: own)
    return Array(arguments.prefix(1)) + options + own + rest
  }

  /// The arguments with the options that `--as` stands for, but for those that are given besides.
  private static func expandPreset(_ arguments: [String]) throws -> [String] {
    let own = arguments.prefix { $0 != "--" }
    guard arguments.first == "ppo", let place = own.firstIndex(where: { $0 == "--as" || $0.hasPrefix("--as=") }) else {
      return arguments
    }
    let name = own[place] == "--as" ? own.dropFirst(place + 1).first : String(own[place].dropFirst("--as=".count))
    guard let preset = name.flatMap(PPORecipe.Preset.init) else { return arguments }
    let given = Set(own.map { String($0.prefix { $0 != "=" }) })
    let options = PPORecipe.settings(as: preset).compactMap { name, value -> String? in
      guard !given.contains("--" + name) else { return nil }
      return value == true ? "--\(name)" : "--\(name)=\(value.string ?? value.text)"
    }
    return [arguments[0]] + options + arguments.dropFirst()
  }

  /// The commands that take `--config`.
  private static let commands: [any ParsableCommand.Type] = [
    SFT.self, DPO.self, KTO.self, BCO.self, Reward.self, PPO.self, GRPO.self, RLOO.self, OnlineDPO.self,
  ]

  /// The options that a command has, as it describes itself.
  private static func names(of command: any ParsableCommand.Type) throws -> TextKeyed<ConfigFile.Kind> {
    let description = try JSON(parsing: command._dumpHelp())
    var names: TextKeyed<ConfigFile.Kind> = [:]
    for argument in description["command"]?["arguments"]?.array ?? [] {
      for name in argument["names"]?.array ?? [] where name["kind"]?.string == "long" {
        guard let name = name["name"]?.string, name != "config", name != "help" else { continue }
        names[name] =
          argument["kind"]?.string == "flag" ? .flag : argument["isRepeating"]?.bool == true ? .list : .value
      }
    }
    return names
  }
}

/// The file that a training command may take its options from; `ConfigArguments` puts them in its place.
struct ConfigOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A YAML file with these options; the command line overrides it. Each run writes its own, config.yaml.",
      valueName: "file"))
  var config: String?
}
