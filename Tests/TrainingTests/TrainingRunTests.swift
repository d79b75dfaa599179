import Alignment
import Foundation
import JSON
import Llama
import ModelFiles
import Objectives
import TestSupport
import Testing

@testable import Training

/// Runs as they lie on disk: checkpoints, resuming, what a kill leaves.
@Suite struct TrainingRunTests {
  private let place: TemporaryFolder
  private var folder: URL { place.url }

  init() throws { place = try TemporaryFolder() }

  private func run(
    steps: Int, in folder: URL, saveEvery: Int = 3, keep: Int = 2, pairs count: Int = 30, resuming: Bool = false,
    observers: [any RunObserver] = []
  ) throws -> (
    TrainingRun, Trainer, ShuffledExamples
  ) {
    let model = try TRLRun.model()
    var settings = TrainingSettings()
    settings.epochs = 3
    settings.batchSize = 8
    settings.learningRate = 1e-3
    settings.maxSteps = steps
    settings.microTokens = 300
    // A fixed reference keeps the runs comparable whatever they resume from.
    let pairs = try TRLRun.pairs().prefix(count).enumerated().map {
      $1.referenced(chosen: -90 - Double($0), rejected: -95)
    }
    let source = ShuffledExamples(pairs, settings)
    let trainer = try Trainer(
      model: model, objective: try PreferenceObjective(.sigmoid, beta: 0.1), settings: settings,
      totalSteps: source.totalSteps)
    let writer = try ModelFolderWriter(carryingOver: ModelFolder(TRLRun.fixtures.appending(path: "model")))
    let heldOut = HeldOutData(
      Array(pairs.prefix(3)), pass: BatchPass(model: model, objective: SupervisedObjective(), microTokens: 300),
      batchSize: 2)
    return (
      try TrainingRun(
        folder: folder, trainer: trainer, source: source, heldOut: heldOut, writer: writer, saveEvery: saveEvery,
        keep: keep, resuming: resuming, observers: observers), trainer, source
    )
  }

  /// Writes down what happens, without what depends on the clock; asks to stop after a step, where one is named.
  private final class Notes: RunObserver {
    private(set) var lines: [String] = []
    private var step = 0
    private let lastStep: Int?

    init(stoppingAfter lastStep: Int? = nil) { self.lastStep = lastStep }

    var asksToStop: Bool { step == lastStep }

    func observe(_ event: RunEvent) {
      switch event {
      case .began(let start): lines.append("\(start.totalSteps) steps of \(start.words.unit)")
      case .stepped(let report):
        step = report.step.number
        let result = report.step.result
        lines.append("\(step): \(result.loss) \(result.metrics) \(report.epoch) \(report.tokenCount)")
      case .evaluated(let report):
        lines.append("\(report.step): held out \(report.measurement.loss ?? .nan) of \(report.count)")
      case .saved(let checkpoint): lines.append("\(checkpoint.step): saved")
      case .stopped(let step, let total): lines.append("stopped \(step)/\(total)")
      case .finished: lines.append("finished")
      default: break
      }
    }
  }

  /// Held-out data are measured after steps 4, 8 and 11; what is broken off there is measured first when the run goes on.
  @Test(arguments: [4, 5, 11]) func resumingEqualsNeverStopping(after step: Int) throws {
    let (whole, stopped) = (folder.appending(path: "whole"), folder.appending(path: "stopped"))
    for url in [whole, stopped] { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
    let (all, first, second) = (Notes(), Notes(stoppingAfter: step), Notes())
    let (uninterrupted, trainer, _) = try run(steps: 11, in: whole, observers: [all])
    #expect(try uninterrupted.run() == .finished)
    #expect(try run(steps: 11, in: stopped, observers: [first]).0.run() == .interrupted)
    #expect(first.lines.suffix(2) == ["\(step): saved", "stopped \(step)/11"])
    #expect(!first.lines.contains { $0.hasPrefix("\(step): held out") })

    let (resumed, other, _) = try run(steps: 11, in: stopped, resuming: true, observers: [second])
    #expect(other.stepCount == step)
    #expect(try resumed.run() == .finished)
    #expect(first.lines.dropLast(2) + second.lines.dropFirst() == all.lines[...])
    #expect(other.model.parameters.values.array == trainer.model.parameters.values.array)
    #expect(other.optimizer.secondMoment.array == trainer.optimizer.secondMoment.array)
  }

  @Test func anObserverHearsOfEverythingInItsOrder() throws {
    let notes = Notes()
    _ = try run(steps: 5, in: folder, observers: [notes]).0.run()
    #expect(
      notes.lines.map { String($0.prefix { !":".contains($0) }) + ($0.hasSuffix("saved") ? " saved" : "") } == [
        "5 steps of pairs", "1", "2", "3", "3 saved", "4", "4", "5", "5", "finished",
      ])
  }

  /// Batches that a checkpoint must remember, as a source has that draws them as it goes.
  private struct Countdown: BatchSource {
    let examples: [TrainingExample]
    var left = 5
    let totalSteps = 5
    let fingerprint = "countdown"

    mutating func batch(after step: Int) -> SourcedBatch {
      left -= 1
      return SourcedBatch(examples: [examples[left]], epoch: 0, endsEpoch: false)
    }
    var state: JSON { .integer(left) }
    mutating func restore(_ state: JSON) throws { left = try #require(state.int) }
  }

  @Test func aCheckpointHoldsWhatItsSourceOfBatchesSays() throws {
    let (_, trainer, examples) = try run(steps: 5, in: folder)
    let writer = try ModelFolderWriter(carryingOver: ModelFolder(TRLRun.fixtures.appending(path: "model")))
    var source = Countdown(examples: examples.examples)
    for _ in 0..<2 { _ = try trainer.step(on: source.batch(after: 0).examples) }
    let checkpoint = try Checkpoint.write(
      trainer, source, progress: .init(tokenCount: 7), as: writer, in: folder, keep: 2)
    var other: any BatchSource = Countdown(examples: examples.examples)
    #expect(try checkpoint.restore(run(steps: 5, in: folder).1, &other) { _ in }.tokenCount == 7)
    #expect(other.state == 3)
  }

  @Test func resumingWithOtherDataIsRefused() throws {
    let (training, _, _) = try run(steps: 4, in: folder)
    _ = try training.run()
    let error = #expect(throws: TrainingError.self) { try run(steps: 4, in: folder, pairs: 29, resuming: true) }
    #expect(
      error?.description.hasSuffix("trained on; put them back, or begin in another folder") == true,
      "\(String(describing: error))")
  }

  @Test func theNewestCheckpointsAreKept() throws {
    let (training, _, _) = try run(steps: 9, in: folder, saveEvery: 2, keep: 2)
    _ = try training.run()
    #expect(Checkpoint.all(in: folder).map(\.step) == [6, 8])
    // Each is a model folder by itself.
    let newest = try #require(Checkpoint.all(in: folder).last)
    #expect(throws: Never.self) { try LlamaModel(ModelFolder(newest.url), training: false) }
  }

  @Test func aHalfWrittenCheckpointIsNone() throws {
    let (training, _, _) = try run(steps: 6, in: folder)
    _ = try training.run()
    let manager = FileManager.default
    try manager.createDirectory(at: folder.appending(path: ".checkpoint-9.partial"), withIntermediateDirectories: true)
    #expect(Checkpoint.all(in: folder).map(\.step) == [3, 6])
  }

  @Test(arguments: ["model.safetensors", "optimizer.safetensors", "trainer_state.json"])
  func aDamagedCheckpointIsOneLine(file: String) throws {
    let (training, _, _) = try run(steps: 4, in: folder)
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
    let (training, _, _) = try run(steps: 30, in: disk, saveEvery: 1, keep: 50)
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

  @Test func foldersThatCannotBeUsedAreRefusedBeforeTraining() throws {
    func message(_ folder: URL, resuming: Bool = false, parameters: Int = 1000) -> String? {
      do {
        _ = try RunFolder.prepare(folder, resuming: resuming, parameterCount: parameters, keep: 2)
        return nil
      } catch { return "\(error)" }
    }
    let file = folder.appending(path: "file")
    try Data("x".utf8).write(to: file)
    #expect(message(file) == "'output' \(file.path) is a file; name a folder")
    #expect(message(folder) == "'output' \(folder.path) is not empty; name another folder")
    #expect(
      message(folder, resuming: true)
        == "'resume': there is no run in \(folder.path); leave 'resume' out to begin one")
    let used = folder.appending(path: "used")
    try FileManager.default.createDirectory(at: used, withIntermediateDirectories: true)
    try Data().write(to: RunFolder.record(in: used))
    #expect(
      message(used) == "'output' \(used.path) is not empty; go on with that run by 'resume', or name another folder")
    #expect(message(used, resuming: true) == nil)
    let fresh = folder.appending(path: "fresh")
    #expect(
      message(fresh, resuming: true)
        == "'resume': there is no run in \(fresh.path); leave 'resume' out to begin one")
    #expect(message(fresh) == nil)
    #expect(message(fresh, parameters: 1 << 50)?.contains("the disk has") == true)
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

  /// Rates of optax' schedules, with which EasyLM's reward models are trained: 1e-5 down to 1e-6.
  @Test(arguments: [(.linear, 3.25e-6), (.cosine, 2.31801948466e-6)] as [(LearningRateSchedule.Shape, Double)])
  func ratesFallToTheFinalOne(shape: LearningRateSchedule.Shape, threeQuarters: Double) {
    let schedule = LearningRateSchedule(shape, peak: 1e-5, final: 1e-6, warmupRatio: 0, totalSteps: 100)
    #expect(schedule.rate(at: 0) == 1e-5)
    #expect(abs(schedule.rate(at: 75) - threeQuarters) < 1e-16)
    #expect(abs(schedule.rate(at: 100) - 1e-6) < 1e-18)
  }
}
