import ArgumentParser

/// `caravan data`: looks at data sets, makes them of published ones, and shapes them.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Looks at data before training on them, makes them of published ones, shapes them.",
    subcommands: [
      DataPreview.self, DataStats.self, DataUltraFeedback.self, DataConvert.self, DataFilter.self, DataDedupe.self,
      DataDecontaminate.self, DataMix.self, DataSplit.self,
    ])
}
