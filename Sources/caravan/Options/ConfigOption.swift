import ArgumentParser

/// The file that a training command may take its options from; `ConfigArguments` puts them in its place.
struct ConfigOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A YAML file of options by these names; the command line overrides it. A run leaves its own as config.yaml.",
      valueName: "file"))
  var config: String?
}
