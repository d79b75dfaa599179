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

  @Test(arguments: [(SIGTERM, 143), (SIGINT, 130), (SIGHUP, 129)] as [(Int32, Int32)])
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
    #expect(outcome.errors.hasSuffix("stopped after step \(last) of 36; continue with --resume\n"))
    #expect(try place.names("run").contains("checkpoint-\(last)"))

    let resumed = try place.run(arguments + ["--output", "run", "--resume"]).succeeded()
    #expect(resumed.output == "run\n")
    try place.expectSame("run", "whole")
    #expect(try place.names("run/tensorboard").count == 2)
  }

  @Test func aPagerThatIsLeftStopsARunAsASignalDoes() throws {
    let reader = Pipe()
    // Other tests have this process ignore SIGPIPE, which what it starts would inherit, and respect.
    let command = try Command(
      arguments + ["--epochs", "4000", "--output", "run"], in: place, errors: reader,
      launcher: ["/usr/bin/env", "--default-signal=PIPE"])
    try wait(command, for: 7, of: "run")
    try reader.fileHandleForReading.close()
    let outcome = try command.outcome()
    #expect(outcome.status == 141 && !outcome.isSignal, "\(outcome)")
    let last = try #require(place.metrics("run").last?["step"]?.int)
    #expect(try place.names("run").contains("checkpoint-\(last)"))
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
      "--resume: the run in \(place.url("run").path) has 'beta: 0.1', not 'beta: 0.2'; resume with the same settings, or "
        + "begin in another folder")
    // How often it saves may change.
    try place.run(arguments + ["--resume", "--save-every", "1", "--keep", "5"]).succeeded()
  }

  @Test func aRunsFolderIsOneProcesss() throws {
    let arguments = Workplace.dpo + ["--epochs", "400", "--output", "run"]
    let first = try Command(arguments, in: place)
    try first.until { try place.names(".").contains("run") && place.names("run").contains(".lock") }
    for resume in [[], ["--resume"]] {
      try place.run(arguments + resume).failed(
        1,
        "--output \(place.url("run").path): another caravan process is training there; wait for its end, or name another "
          + "folder")
    }
    try wait(first, for: 2, of: "run")
    first.send(SIGKILL)
    _ = try first.outcome()
    // A killed process leaves no lock behind.
    let second = try Command(arguments + ["--resume"], in: place)
    try wait(second, for: 3, of: "run")
    second.send(SIGTERM)
    #expect(try second.outcome().status == 143)
  }

  @Test func damagedMetricsArePutAsideAndTheRunGoesOn() throws {
    let arguments = Workplace.dpo + ["--max-steps", "5", "--save-every", "2", "--output", "run"]
    try place.run(arguments).succeeded()
    let model = try Data(contentsOf: place.url("run/model.safetensors"))
    let lines = try place.text("run/metrics.jsonl").split(separator: "\n").map(String.init)
    let path = place.url("run/metrics.jsonl").path

    let damaged = (["garbage"] + lines[1...]).joined(separator: "\n") + "\n"
    try place.write("run/metrics.jsonl", damaged)
    let resumed = try place.run(arguments + ["--resume"]).succeeded()
    #expect(
      resumed.errors.contains(
        "\(path):1: not a line of metrics; going on with a copy of the others, and the file as it was is "
          + "\(path).damaged-1\n"))
    #expect(
      resumed.errors.contains("\(path) does not hold every step of the run; the model's card tells what is left\n"))
    #expect(try place.text("run/metrics.jsonl.damaged-1") == damaged)
    #expect(try place.metrics("run").compactMap { $0["step"]?.int } == [2, 3, 4, 5])
    #expect(try place.text("run/README.md").contains("4 of the steps, as the log of the run was damaged"))
    #expect(try Data(contentsOf: place.url("run/model.safetensors")) == model)

    // A last line that is cut is what a killed machine leaves.
    try place.write("run/metrics.jsonl", lines.joined(separator: "\n").dropLast(20) + "")
    try place.run(arguments + ["--resume"]).succeeded()
    #expect(try place.text("run/metrics.jsonl").split(separator: "\n").count == 5)
    try FileManager.default.removeItem(at: place.url("run/metrics.jsonl"))
    try place.run(arguments + ["--resume"]).succeeded()
  }

  @Test(arguments: [true, false])
  func aLogThatIsLostWhileTrainingLosesNoModel(isRemoved: Bool) throws {
    let command = try Command(arguments + ["--output", "run"], in: place)
    try wait(command, for: 3, of: "run")
    if isRemoved {
      try FileManager.default.removeItem(at: place.url("run/metrics.jsonl"))
    } else {
      let file = try FileHandle(forWritingTo: place.url("run/metrics.jsonl"))
      try file.seekToEnd()
      try file.write(contentsOf: Data("a line of somebody else's\n".utf8))
    }
    let outcome = try command.outcome().succeeded()
    #expect(outcome.output == "run\n")
    #expect(outcome.errors.contains("; the model's card tells what is left\n"))
    try place.run(arguments + ["--output", "whole"]).succeeded()
    #expect(
      try Data(contentsOf: place.url("run/model.safetensors")) == Data(contentsOf: place.url("whole/model.safetensors"))
    )
    #expect(try place.text("run/README.md").contains(isRemoved ? "The log of the run was lost." : "was damaged"))
  }

  @Test(arguments: ["model.safetensors", "optimizer.safetensors", "trainer_state.json", "config.json", "SHA256SUMS"])
  func aFlippedBitInACheckpointIsFound(file: String) throws {
    let arguments = Workplace.dpo + ["--max-steps", "4", "--save-every", "2", "--output", "run"]
    try place.run(arguments).succeeded()
    let path = "run/checkpoint-4/" + file
    var bytes = try Array(Data(contentsOf: place.url(path)))
    let middle = bytes.count / 2
    for (index, bit) in [(middle, UInt8(1)), (bytes.count - 1, 4), (0, 32)] {
      bytes[index] ^= bit
      try place.write(path, bytes)
      let outcome = try place.run(arguments + ["--resume"])
      #expect(outcome.status == 1, "\(outcome)")
      #expect(outcome.error?.hasPrefix("\(place.url("run/checkpoint-4").path) cannot be resumed from (") == true)
      #expect(outcome.error?.hasSuffix("remove that folder to resume from an earlier checkpoint") == true)
      #expect(outcome.error?.contains(file) == true || file == "SHA256SUMS")
      bytes[index] ^= bit
    }
    try place.write(path, bytes)
    try place.run(arguments + ["--resume"]).succeeded()
    // An older version wrote none.
    try FileManager.default.removeItem(at: place.url("run/checkpoint-4/SHA256SUMS"))
    #expect(
      try place.run(arguments + ["--resume"]).succeeded().errors.contains("checkpoint-4, without checksums: whether"))
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
