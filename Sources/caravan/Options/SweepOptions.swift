import ArgumentParser
import Recipes

/// Several runs instead of one.
struct SweepOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      """
      Train one run for each combination of these values, as beta=0.05,0.1 learning-rate=5e-7,1e-6, each in a folder of its own \
      in --output, and compare them. Semicolons go between values that have commas.
      """, valueName: "option=values"))
  var sweep: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      What the best run of a sweep is the best by, as metrics.jsonl names it. By default eval_loss, or loss if no data are held \
      out; if the runs differ in what their losses mean, accuracy.
      """, valueName: "measure"))
  var best: String?

  func validate() throws {
    guard best == nil || !sweep.isEmpty else { throw ValidationError("--best needs a --sweep") }
  }
}
