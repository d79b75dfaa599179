import Foundation
import Testing

/// Runs that are stopped or killed, and go on.
@Suite struct InterruptionTests {
  private let place: Workplace
  /// A run with evaluations and many checkpoints.
  private let arguments = Workplace.dpo + ["--eval-fraction", "0.2", "--epochs", "12", "--save-every", "4"]

  init() throws { place = try Workplace() }

  /// Waits until a run has written so many lines of metrics.
  private func wait(_ command: Command, for lines: Int, of run: String) throws {
    while command.isRunning {
      let bytes = (try? Data(contentsOf: place.url(run + "/metrics.jsonl"))) ?? Data()
      if bytes.count(where: { $0 == UInt8(ascii: "\n") }) >= lines { return }
      usleep(1000)
    }
  }

  @Test(arguments: [(SIGTERM, 143), (SIGINT, 130)] as [(Int32, Int32)])
  func aSignalStopsARunThatGoesOnAsIfItHadNot(signal: Int32, status: Int32) throws {
    try place.run(arguments + ["--output", "whole"]).succeeded()
    let command = try Command(arguments + ["--output", "run"], in: place)
    try wait(command, for: 7, of: "run")
    command.send(signal)
    let outcome = try command.outcome()
    #expect(outcome.status == status && !outcome.isSignal, "\(outcome)")
    #expect(outcome.output.isEmpty && outcome.error == nil)
    #expect(outcome.errors.contains("finishing this step, then saving; once more to stop at once\n"))
    let last = try #require(place.metrics("run").last?["step"]?.int)
    #expect(outcome.errors.hasSuffix("stopped after step \(last) of 36; go on with --resume\n"))
    #expect(try place.names("run").contains("checkpoint-\(last)"))

    let resumed = try place.run(arguments + ["--output", "run", "--resume"]).succeeded()
    #expect(resumed.output == "run\n")
    try place.expectSame("run", "whole")
    #expect(try place.names("run/tensorboard").count == 2)
  }

  @Test func aKilledRunGoesOnFromItsNewestCheckpoint() throws {
    try place.run(arguments + ["--output", "whole"]).succeeded()
    var generator = SystemRandomNumberGenerator()
    for round in 0..<2 {
      let run = "run-\(round)"
      // Killed twice: once at some moment of the whole, then once while it goes on.
      for lines in [Int.random(in: 0..<24, using: &generator), Int.random(in: 20..<48, using: &generator)] {
        let resume = FileManager.default.fileExists(atPath: place.url(run + "/config.yaml").path) ? ["--resume"] : []
        let command = try Command(arguments + ["--output", run] + resume, in: place)
        try wait(command, for: lines, of: run)
        usleep(UInt32.random(in: 0..<20_000, using: &generator))
        command.send(SIGKILL)
        _ = try command.outcome()
      }
      let resume = FileManager.default.fileExists(atPath: place.url(run + "/config.yaml").path) ? ["--resume"] : []
      try place.run(arguments + ["--output", run] + resume).succeeded()
      try place.expectSame(run, "whole")
      #expect(try !place.names(run).contains { $0.hasSuffix(".partial") || $0.contains(".partial-") })
    }
  }

  @Test func aFinishedRunMayBeResumedToTheSameEnd() throws {
    let arguments = Workplace.dpo + ["--max-steps", "5", "--save-every", "2", "--output", "run"]
    try place.run(arguments).succeeded()
    let (course, model) = (try place.course("run"), try Data(contentsOf: place.url("run/model.safetensors")))
    try place.run(arguments + ["--resume"]).succeeded()
    #expect(try place.course("run") == course)
    #expect(try Data(contentsOf: place.url("run/model.safetensors")) == model)
  }

  @Test func resumingAsksForTheSameOptions() throws {
    let arguments = Workplace.dpo + ["--max-steps", "3", "--save-every", "2", "--output", "run"]
    try place.run(arguments).succeeded()
    try place.run(arguments + ["--resume", "--beta", "0.2"]).failed(
      1,
      "--resume: the run in \(place.url("run").path) has 'beta: 0.1', not 'beta: 0.2'; resume with the same options, or "
        + "begin in another folder")
    // How often it saves may change.
    try place.run(arguments + ["--resume", "--save-every", "1", "--keep", "5"]).succeeded()
  }

  @Test func damagedMetricsAreNamedBeforeTraining() throws {
    let arguments = Workplace.dpo + ["--max-steps", "5", "--save-every", "2", "--output", "run"]
    try place.run(arguments).succeeded()
    let lines = try place.text("run/metrics.jsonl").split(separator: "\n").map(String.init)
    let path = place.url("run/metrics.jsonl").path
    let problem =
      "not a line of metrics, an object with a whole-number \"step\"; move the file away to resume without it"

    try place.write("run/metrics.jsonl", (["garbage"] + lines[1...]).joined(separator: "\n") + "\n")
    #expect(try place.run(arguments + ["--resume"]).error == "\(path):1: \(problem)")
    try place.write("run/metrics.jsonl", (lines[...2] + ["{\"st\u{0}"]).joined(separator: "\n") + "\n")
    #expect(try place.run(arguments + ["--resume"]).error == "\(path):4: \(problem)")
    // A last line that is cut is what a killed machine leaves.
    try place.write("run/metrics.jsonl", lines.joined(separator: "\n").dropLast(20) + "")
    try place.run(arguments + ["--resume"]).succeeded()
    #expect(try place.text("run/metrics.jsonl").split(separator: "\n").count == 5)
    try FileManager.default.removeItem(at: place.url("run/metrics.jsonl"))
    try place.run(arguments + ["--resume"]).succeeded()
  }

  @Test func damagedCheckpointsAreNamed() throws {
    let arguments = Workplace.dpo + ["--max-steps", "4", "--save-every", "2", "--output", "run"]
    try place.run(arguments).succeeded()
    let file = "run/checkpoint-4/optimizer.safetensors"
    try place.write(file, Array(Data(contentsOf: place.url(file)).dropLast(10)))
    let outcome = try place.run(arguments + ["--resume"])
    #expect(outcome.status == 1)
    #expect(outcome.error?.hasPrefix("\(place.url("run/checkpoint-4").path) cannot be resumed from (") == true)
    #expect(outcome.error?.hasSuffix("remove that folder to resume from an earlier checkpoint") == true)
    try FileManager.default.removeItem(at: place.url("run/checkpoint-4"))
    try place.run(arguments + ["--resume"]).succeeded()
  }
}
