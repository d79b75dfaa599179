import Foundation
import JSON
import Testing

/// Several runs of one command, and their comparison.
@Suite struct SweepTests {
  private let place: Workplace
  private let arguments =
    Workplace.dpo + ["--eval-fraction", "0.2", "--epochs", "12", "--sweep", "beta=0.1,0.5", "loss=sigmoid,hinge"]
  private let runs = ["beta-0.1_loss-sigmoid", "beta-0.1_loss-hinge", "beta-0.5_loss-sigmoid", "beta-0.5_loss-hinge"]

  init() throws { place = try Workplace() }

  @Test func theReferenceScoresOnceAndAStoppedSweepGoesOnToTheSameBits() throws {
    let whole = try place.run(arguments + ["--output", "whole"]).succeeded()
    #expect(whole.errors.components(separatedBy: "all of them were known from an earlier run\n").count == 1 + 3)
    #expect(whole.output.hasPrefix("4 runs; the best by eval_rewards/accuracies (highest): beta "))
    #expect(
      whole.output.contains("\nbeta  loss     train loss  eval loss  eval accuracy  eval margin  eval log-ratio\n"))
    #expect(try place.names("whole") == (runs + ["config.yaml", "sweep.html", "sweep.json"]).sorted())
    let json = try JSON(parsing: place.text("whole/sweep.json"))
    #expect(Set(json["runs"]?.array?.compactMap { $0["folder"]?.string } ?? []) == Set(runs))

    let command = try Command(arguments + ["--output", "sweep"], in: place)
    try command.until {
      let metrics = (try? Data(contentsOf: place.url("sweep/\(runs[1])/metrics.jsonl"))) ?? Data()
      return metrics.count { $0 == UInt8(ascii: "\n") } > 5
    }
    command.send(SIGINT)
    let outcome = try command.outcome()
    #expect(outcome.status == 130 && outcome.output.isEmpty, "\(outcome)")
    #expect(outcome.errors.hasSuffix(" of 36; continue with --resume\n"))
    #expect(try place.names("sweep") == (runs.prefix(2) + ["config.yaml", "sweep.html", "sweep.json"]).sorted())

    // Its record is all that the sweep needs.
    let resumed = try place.run(["dpo", "--config", "sweep/config.yaml", "--output", "sweep", "--resume"]).succeeded()
    #expect(resumed.errors.hasPrefix("run 1 of 4: --beta 0.1, --loss sigmoid is finished\nrun 2 of 4: "))
    #expect(resumed.output == whole.output)
    for run in runs { try place.expectSame("sweep/\(run)", "whole/\(run)") }

    try place.run(Workplace.dpo + ["--output", "sweep", "--resume"]).failed(
      1,
      "--resume: \(place.url("sweep").path) holds a sweep; give its --sweep too, or name the folder of one of its runs")

    // A run is what it would be alone.
    let alone = ["dpo", "--config", "sweep/\(runs[3])/config.yaml", "--output", "alone"]
    try place.run(alone).succeeded()
    try place.expectSame("alone", "whole/\(runs[3])")
  }

  @Test func anythingThatTrainsCanBeSwept() throws {
    let outcome = try place.run(
      Workplace.sft + ["--max-steps", "8", "--output", "rates", "--sweep", "learning-rate=1e-3,1e-2"]
    ).succeeded()
    #expect(outcome.output.hasPrefix("2 runs; the best by loss (lowest): learning-rate "))
    #expect(outcome.output.contains("\nlearning-rate  train loss\n"))
  }

  /// A run whose rate is too high is left, whatever finds that: its loss, numbers that it needs beforehand, or its own answers.
  @Test(arguments: [
    ["kto"] + Workplace.dpo.dropFirst(), ["sft"] + Workplace.sft.dropFirst(),
    ["rloo", "--model", Workplace.model, "--data", Workplace.pairs, "--reward", "regex:[a-m]", "--max-tokens", "8"],
  ])
  func whatDivergesIsLeft(command: [String]) throws {
    let outcome = try place.run(
      command + [
        "--max-steps", "4", "--warmup-ratio", "0", "--max-grad-norm", "0", "--output", "rates",
        "--sweep", "learning-rate=1e38,1e-3",
      ]
    ).succeeded()
    #expect(outcome.output.hasPrefix("1 run, 1 not finished; the best by loss (lowest): learning-rate 0.001\n"))
    #expect(outcome.errors.contains("\nthis run has diverged and is left unfinished: "), "\(outcome)")
  }

  @Test func wrongSweepsAreRefused() throws {
    let dpo = Workplace.dpo + ["--output", "sweep"]
    try place.run(dpo + ["--sweep", "bta=1,2"]).failed(64, "there is no setting --bta; did you mean --beta?")
    try place.run(dpo + ["--sweep", "model=a,b"]).failed(
      64, "--sweep: --model is the same in all runs; vary what the loss or the training has")
    try place.run(dpo + ["--best", "loss"]).failed(64, "--best needs a --sweep")
    try place.run(dpo + ["--sweep", "beta=1,2", "--best", "eval_loss"]).failed(
      64, "--best eval_loss needs held-out data: --eval-data or --eval-fraction")
    #expect(try !place.names(".").contains("sweep"))
    // A run is no sweep.
    try place.run(dpo + ["--max-steps", "1"]).succeeded()
    try place.run(dpo + ["--sweep", "beta=1,2"]).failed(
      1,
      "--output \(place.url("sweep").path) is not empty; go on with that run by --resume, or name another folder")
    try place.run(dpo + ["--sweep", "beta=1,2", "--resume"]).failed(
      1, "--resume: \(place.url("sweep").path) holds a run and no sweep; name another folder")
  }
}
