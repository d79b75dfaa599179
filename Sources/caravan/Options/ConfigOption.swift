import ArgumentParser

/// The file that a training command may take its options from; `ConfigArguments` puts them in its place.
struct ConfigOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A YAML file with these options; the command line overrides it. Each run writes its own, config.yaml.",
      valueName: "file"))
  var config: String?
}
