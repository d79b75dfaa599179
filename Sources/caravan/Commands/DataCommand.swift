import ArgumentParser

/// `caravan data`: looks at data sets, makes them of published ones, and shapes them.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Inspects, converts and transforms data for training.",
    subcommands: [
      DataPreview.self, DataStats.self, DataUltraFeedback.self, DataConvert.self, DataFilter.self, DataDedupe.self,
      DataDecontaminate.self, DataMix.self, DataSplit.self, DataPairs.self,
    ])
}
