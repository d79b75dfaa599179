import ArgumentParser

/// `caravan data`: looks at data sets.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Looks at data before training on them.", subcommands: [DataPreview.self])
}
