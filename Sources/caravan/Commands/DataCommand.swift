import ArgumentParser

/// `caravan data`: looks at data sets, and makes them.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Looks at data before training on them, and makes them of published ones.",
    subcommands: [DataPreview.self, DataUltraFeedback.self, DataConvert.self])
}
