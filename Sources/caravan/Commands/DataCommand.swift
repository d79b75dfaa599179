import ArgumentParser

/// `caravan data`: looks at data sets and shapes them.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Looks at data before training on them, and shapes them.",
    subcommands: [
      DataPreview.self, DataStats.self, DataFilter.self, DataDedupe.self, DataDecontaminate.self, DataMix.self,
      DataSplit.self,
    ])
}
