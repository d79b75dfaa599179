import ArgumentParser

/// `caravan export`: models as other programs read them.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes a model in the formats of other programs.",
    subcommands: [ExportGGUF.self, ExportSafetensors.self])
}
