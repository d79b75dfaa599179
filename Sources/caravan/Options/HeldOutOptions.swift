import ArgumentParser

/// Data that is measured after each epoch and never trained on.
struct HeldOutOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Files and folders of held-out records, measured after each epoch.", valueName: "path"))
  var evalData: [String] = []

  @Option(help: ArgumentHelp("Hold out this share of --data instead, whole prompts at a time.", valueName: "share"))
  var evalFraction = 0.0

  func validate() throws {
    guard evalFraction >= 0, evalFraction < 1 else {
      throw ValidationError("--eval-fraction must be at least 0 and less than 1, not \(evalFraction)")
    }
    guard evalFraction == 0 || evalData.isEmpty else {
      throw ValidationError("give --eval-data or --eval-fraction, not both")
    }
  }
}
