import ArgumentParser

/// Data that is measured after each epoch and never trained on.
struct HeldOutOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Records to measure after each epoch, never trained on: as --data.", valueName: "path"))
  var evalData: [String] = []

  @Option(
    help: ArgumentHelp("Instead, the share of --data to hold out; no prompt is on both sides.", valueName: "share"))
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
