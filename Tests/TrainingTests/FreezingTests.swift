import Alignment
import Foundation
import Llama
import ModelFiles
import Objectives
import TestSupport
import Testing

@testable import Training

/// Training a part of a model.
@Suite struct FreezingTests {
  private let start = TRLRun.fixtures.appending(path: "model")
  private let frozen: Set<Architecture.Group> = [.embedding, .layer(0)]

  private func run(
    freezing frozen: Set<Architecture.Group>, of model: URL? = nil, maxGradientNorm: Double = 1
  ) throws -> (trainer: Trainer, source: any BatchSource) {
    var settings = TrainingSettings()
    settings.batchSize = 4
    settings.learningRate = 1e-3
    settings.warmupRatio = 0
    settings.maxSteps = 4
    settings.microTokens = 300
    settings.adam.weightDecay = 0.1
    settings.maxGradientNorm = maxGradientNorm
    let source = ShuffledExamples(try TRLRun.conversations(), settings)
    let trainer = try Trainer(
      model: LlamaModel(ModelFolder(model ?? start), training: true, freezing: frozen),
      objective: SupervisedObjective(),
      settings: settings, totalSteps: source.totalSteps)
    return (trainer, source)
  }

  private func step(_ run: inout (trainer: Trainer, source: any BatchSource)) throws {
    _ = try run.trainer.step(on: run.source.batch(after: run.trainer.stepCount).examples)
  }

  @Test func frozenNumbersNeverChangeAndTheFirstStepOfTheRestIsTheWholeModels() throws {
    // Without clipping, which looks at all gradients together.
    var whole = try run(freezing: [], maxGradientNorm: 0)
    var part = try run(freezing: frozen, maxGradientNorm: 0)
    let begun = try LlamaModel(ModelFolder(start), training: false).parameters
    try step(&whole)
    for number in 1...2 {
      try step(&part)
      for entry in begun.layout.entries {
        let (before, now) = (begun.value(entry).array, part.trainer.model.parameters.value(entry).array)
        guard !frozen.contains(entry.tensor.group) else { #expect(now == before, "\(entry.name)"); continue }
        #expect(now != before, "\(entry.name)")
        if number == 1 { #expect(now == whole.trainer.model.parameters.value(entry).array, "\(entry.name)") }
      }
    }
    let trained = begun.layout.groups.filter { !frozen.contains($0.group) }.map(\.range.count).reduce(0, +)
    #expect(part.trainer.optimizer.firstMoment.count == trained && part.trainer.optimizer.secondMoment.count == trained)
  }

  @Test func aCheckpointHoldsTheMomentsOfWhatTrains() throws {
    let folder = try TemporaryFolder()
    var (first, second, whole) = (try run(freezing: frozen), try run(freezing: frozen), try run(freezing: []))
    try step(&first)
    let checkpoint = try write(first, in: folder.url)
    #expect(try checkpoint.restore(second.trainer, &second.source) { _ in }.tokenCount == 7)
    try step(&first)
    try step(&second)
    #expect(first.trainer.model.parameters.values.array == second.trainer.model.parameters.values.array)
    let error = #expect(throws: TrainingError.self) { try checkpoint.restore(whole.trainer, &whole.source) { _ in } }
    #expect(error?.description.contains("moments, and what trains has") == true)
  }

  private func write(
    _ run: (trainer: Trainer, source: any BatchSource), of model: URL? = nil, in folder: URL
  ) throws -> Checkpoint {
    try Checkpoint.write(
      run.trainer, run.source, progress: .init(tokenCount: 7),
      as: ModelFolderWriter(carryingOver: ModelFolder(model ?? start)),
      in: folder, keep: 1)
  }

  @Test func momentsOfVersion01ArePutWhereTheirTensorsAre() throws {
    let folder = try TemporaryFolder()
    let biased = Checkout.fixtures(of: "LlamaTests").appending(path: "biased")
    var run = try run(freezing: [], of: biased)
    let layout = run.trainer.model.parameters.layout
    let checkpoint = try write(run, of: biased, in: folder.url)
    // One tensor each, with all biases at its end.
    let moments = ["first_moment", "second_moment"].map { name in
      OutputTensor(name: name, elementType: .float32, shape: [layout.count]) { body in
        try (0..<layout.count).map(Float.init).withUnsafeBufferPointer(body)
      }
    }
    try SafetensorsWriter.write(moments, to: checkpoint.url.appending(path: "optimizer.safetensors").path).commit()
    try FileManager.default.removeItem(at: checkpoint.url.appending(path: Checksums.file))
    _ = try checkpoint.restore(run.trainer, &run.source) { _ in }
    let (matrices, biases) = (layout.entries.filter { !$0.tensor.isBias }, layout.entries.filter { $0.tensor.isBias })
    #expect(!biases.isEmpty)
    var expected = [Float](repeating: -1, count: layout.count)
    var next = 0
    for entry in matrices + biases {
      for place in entry.range {
        expected[place] = Float(next)
        next += 1
      }
    }
    #expect(run.trainer.optimizer.firstMoment.array == expected)
    #expect(run.trainer.optimizer.secondMoment.array == expected)
  }
}
