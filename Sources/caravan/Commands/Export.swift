import ArgumentParser

/// `caravan export`: models as other programs read them.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Writes a model as other programs read it.",
    subcommands: [ExportGGUF.self, ExportSafetensors.self])
}
