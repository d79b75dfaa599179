import Alignment
import Foundation
import JSON
import Llama
import ModelFiles
import Testing

@testable import Training

/// Runs as they lie on disk: checkpoints, resuming, what a kill leaves.
@Suite struct TrainingRunTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "caravan-run-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

  private func run(
    steps: Int, in folder: URL, saveEvery: Int = 3, keep: Int = 2, pairs count: Int = 30, resuming: Bool = false
  ) throws -> (
    TrainingRun, Trainer
  ) {
    let (model, pairs) = (try TRLRun.model(), Array(try TRLRun.pairs().prefix(count)))
    var settings = TrainingSettings()
    settings.epochs = 3
    settings.batchSize = 8
    settings.learningRate = 1e-3
    settings.maxSteps = steps
    settings.microTokens = 300
    // A fixed reference keeps the runs comparable whatever they resume from.
    let references = pairs.indices.map { PreferenceLoss.Sides(chosen: -90 - Double($0), rejected: -95) }
    let trainer = try Trainer(
      model: model, examples: pairs,
      objective: PreferenceObjective(loss: try PreferenceLoss(.sigmoid, beta: 0.1), references: references),
      settings: settings)
    let writer = try ModelFolderWriter(carryingOver: ModelFolder(TRLRun.fixtures.appending(path: "model")))
    let heldOut = HeldOutData(
      pass: BatchPass(
        model: model, examples: Array(pairs.prefix(3)), objective: SupervisedObjective(), microTokens: 300),
      batchSize: 2)
    return (
      try TrainingRun(
        folder: folder, trainer: trainer, heldOut: heldOut, writer: writer, saveEvery: saveEvery, keep: keep,
        resuming: resuming), trainer
    )
  }

  /// The lines of metrics without what depends on the clock.
  private func metrics(_ folder: URL) throws -> [String] {
    let text = try String(contentsOf: RunFolder.metrics(in: folder), encoding: .utf8)
    return try text.split(separator: "\n").map { line in
      var members = try #require(JSON(parsing: String(line)).object)
      for name in ["tokens_per_second", "pairs_per_second", "peak_memory_bytes"] { members[name] = nil }
      return JSON.object(members).text
    }
  }

  @Test func resumingEqualsNeverStopping() throws {
    let (whole, stopped) = (folder.appending(path: "whole"), folder.appending(path: "stopped"))
    for url in [whole, stopped] { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
    let (uninterrupted, trainer) = try run(steps: 11, in: whole)
    #expect(try uninterrupted.run() == .finished)

    // Five steps of the same run, of which the last two are lost: the checkpoint is of step 3.
    let (_, doomed) = try run(steps: 11, in: stopped)
    var log = ""
    for _ in 0..<5 {
      let step = try doomed.step()
      log += JSON.object(["step": .integer(step.number), "loss": 0.0]).text + "\n"
      if step.number == 3 {
        let writer = try ModelFolderWriter(carryingOver: ModelFolder(TRLRun.fixtures.appending(path: "model")))
        let tokens = try #require(JSON(parsing: metrics(whole)[2])["num_tokens"]?.int)
        try Checkpoint.write(doomed, tokenCount: tokens, as: writer, in: stopped, keep: 2)
      }
    }
    let first = try metrics(whole).prefix(3).joined(separator: "\n") + "\n"
    try (first + "{\"step\": 4, \"loss\": 1.0}\n{\"step\": 5, \"lo").write(
      to: RunFolder.metrics(in: stopped), atomically: true, encoding: .utf8)

    let (resumed, second) = try run(steps: 11, in: stopped, resuming: true)
    #expect(second.stepCount == 3)
    #expect(try resumed.run() == .finished)
    #expect(try metrics(stopped) == metrics(whole))
    #expect(second.model.parameters.values.array == trainer.model.parameters.values.array)
    #expect(second.optimizer.secondMoment.array == trainer.optimizer.secondMoment.array)
  }

  @Test func resumingWithOtherDataIsRefused() throws {
    let (training, _) = try run(steps: 4, in: folder)
    _ = try training.run()
    let error = #expect(throws: TrainingError.self) { try run(steps: 4, in: folder, pairs: 29, resuming: true) }
    #expect(
      error?.description.hasSuffix("trained on; put them back, or begin in another folder") == true,
      "\(String(describing: error))")
  }

  @Test func theNewestCheckpointsAreKept() throws {
    let (training, _) = try run(steps: 9, in: folder, saveEvery: 2, keep: 2)
    _ = try training.run()
    #expect(Checkpoint.all(in: folder).map(\.step) == [6, 8])
    // Each is a model folder by itself.
    let newest = try #require(Checkpoint.all(in: folder).last)
    #expect(throws: Never.self) { try LlamaModel(ModelFolder(newest.url), training: false) }
  }

  @Test func aHalfWrittenCheckpointIsNone() throws {
    let (training, _) = try run(steps: 6, in: folder)
    _ = try training.run()
    let manager = FileManager.default
    try manager.createDirectory(at: folder.appending(path: ".checkpoint-9.partial"), withIntermediateDirectories: true)
    #expect(Checkpoint.all(in: folder).map(\.step) == [3, 6])
  }

  @Test(arguments: ["model.safetensors", "optimizer.safetensors", "trainer_state.json"])
  func aDamagedCheckpointIsOneLine(file: String) throws {
    let (training, _) = try run(steps: 4, in: folder)
    _ = try training.run()
    let url = folder.appending(path: "checkpoint-3").appending(path: file)
    try Data(contentsOf: url).dropLast(10).write(to: url)
    let error = #expect(throws: TrainingError.self) { try run(steps: 4, in: folder, resuming: true) }
    #expect(error?.description.contains("checkpoint-3 cannot be resumed from") == true)
    #expect(error?.description.hasSuffix("remove that folder to resume from an earlier checkpoint") == true)
    #expect(error?.description.contains("\n") == false)
  }

  @Test func aFullDiskLosesNoEarlierCheckpoint() throws {
    let disk = folder.appending(path: "disk")
    try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: true)
    guard mount(disk, megabytes: 1) else { return }
    defer { _ = shell("umount '\(disk.path)'") }
    let (training, _) = try run(steps: 30, in: disk, saveEvery: 1, keep: 50)
    let error = #expect(throws: ModelFileError.self) { try training.run() }
    #expect(error?.description.contains("\n") == false)
    let kept = Checkpoint.all(in: disk)
    #expect(!kept.isEmpty)
    let hidden = try FileManager.default.contentsOfDirectory(atPath: disk.path).filter { $0.hasSuffix(".partial") }
    #expect(hidden.isEmpty)
    for checkpoint in kept { #expect(throws: Never.self) { try ModelFolder(checkpoint.url).openWeights() } }
  }

  private func mount(_ url: URL, megabytes: Int) -> Bool {
    geteuid() == 0 && shell("mount -t tmpfs -o size=\(megabytes)m tmpfs '\(url.path)' 2>/dev/null") == 0
  }

  private func shell(_ command: String) -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", command]
    guard (try? process.run()) != nil else { return -1 }
    process.waitUntilExit()
    return process.terminationStatus
  }

  @Test func foldersThatCannotBeUsedAreRefusedBeforeTraining() throws {
    func message(_ folder: URL, resuming: Bool = false, parameters: Int = 1000) -> String? {
      do {
        _ = try RunFolder.prepare(folder, resuming: resuming, parameterCount: parameters, keep: 2)
        return nil
      } catch { return "\(error)" }
    }
    let file = folder.appending(path: "file")
    try Data("x".utf8).write(to: file)
    #expect(message(file) == "--output \(file.path) is a file; name a folder")
    #expect(message(folder) == "--output \(folder.path) is not empty; name another folder")
    #expect(
      message(folder, resuming: true)
        == "--resume: there is no run in \(folder.path); leave --resume out to begin one")
    let used = folder.appending(path: "used")
    try FileManager.default.createDirectory(at: used, withIntermediateDirectories: true)
    try Data().write(to: RunFolder.options(in: used))
    #expect(
      message(used) == "--output \(used.path) is not empty; go on with that run by --resume, or name another folder")
    #expect(message(used, resuming: true) == nil)
    let fresh = folder.appending(path: "fresh")
    #expect(
      message(fresh, resuming: true)
        == "--resume: there is no run in \(fresh.path); leave --resume out to begin one")
    #expect(message(fresh) == nil)
    #expect(message(fresh, parameters: 1 << 50)?.contains("the disk has") == true)
  }

  @Test func resumingWithOtherOptionsIsRefused() throws {
    try RunFolder.settle(["beta": 0.1, "seed": "42", "keep": 2], in: folder, resuming: false)
    #expect(throws: Never.self) {
      try RunFolder.settle(["beta": 0.1, "seed": "42", "keep": 3], in: folder, resuming: true)
    }
    let error = #expect(throws: TrainingError.self) {
      try RunFolder.settle(["beta": 0.2, "seed": "42", "keep": 2], in: folder, resuming: true)
    }
    #expect(
      error?.description == "--resume: the run in \(folder.path) has 'beta: 0.1', not 'beta: 0.2'; resume with the "
        + "same options, or begin in another folder")
  }

  @Test(
    arguments: [(0.1, 1, 0), (1, 1, 0), (0, 1, 1), (0.5, 2, 1), (1, 2, 0.5), (0.03, 400, 1)] as [(Double, Int, Double)])
  func theHighestRateOfARun(warmupRatio: Double, steps: Int, highest: Double) {
    for shape in LearningRateSchedule.Shape.allCases {
      let schedule = LearningRateSchedule(shape, peak: 1, warmupRatio: warmupRatio, totalSteps: steps)
      #expect(schedule.highestRate == highest)
      #expect((0..<steps).map(schedule.rate).max() == highest)
    }
  }
}
