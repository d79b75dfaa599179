import Alignment
import ModelFiles
import Objectives
import Testing
import Torch

@testable import Llama
@testable import Training

/// Adapters beside weights that are kept narrow.
@Suite struct FrozenBaseTests {
  private static func model(_ format: FrozenFormat) throws -> LlamaModel {
    let folder = try ModelFolder(TRLRun.fixtures.appending(path: "lora-dpo/begin"))
    var generator = SystemRandomNumberGenerator()
    return try LlamaModel(
      adapting: folder, by: #require(folder.adapter).config, keeping: format, using: &generator)
  }

  /// Numbers of a run of five steps: losses, norms, and what the adapter is then.
  private static func course(_ model: LlamaModel) throws -> (figures: [Double], adapter: [Float]) {
    let run = try TRLRun("lora-dpo")
    let settings = try run.settings()
    let examples = try TRLRun.referencedPairs(model, settings)
    var source = ShuffledExamples(examples, settings)
    let trainer = try Trainer(
      model: model, objective: PreferenceObjective(.sigmoid, beta: run.number("beta")), settings: settings,
      totalSteps: source.totalSteps)
    let figures = try (0..<5).flatMap { _ in
      let step = try trainer.step(on: source.batch(after: trainer.stepCount).examples)
      return [step.result.loss, step.gradientNorm]
    }
    return (figures, model.trained.values.array)
  }

  @Test(arguments: [FrozenFormat.bfloat16, .int8, .nf4])
  func trainingIsThatBesideTheWidenedWeights(format: FrozenFormat) throws {
    let narrow = try Self.model(format)
    let frozen = try #require(narrow.frozen)
    #expect(!narrow.parameters.layout.entries.contains { $0.shape.count > 1 })
    // The same model in float32, of the numbers that the narrow one has.
    let wide = try Self.model(.float32)
    #expect(wide.frozen == nil)
    var changed = 0
    for tensor in wide.config.architecture.tensors where FrozenWeights.isNarrow(tensor) {
      let (own, values) = (try wide.parameters.joinedValues([tensor]), try #require(try frozen.values([tensor])))
      #expect(own.shape == values.shape)
      changed += own.array == values.array ? 0 : 1
      own.floats.update(from: values.floats, count: values.count)
    }
    // All but the embedding, which is stored in float32 and stays so.
    #expect(changed == wide.config.architecture.adaptable.count)
    let (actual, expected) = (try Self.course(narrow), try Self.course(wide))
    for (actual, expected) in zip(actual.figures, expected.figures) {
      #expect(abs(actual - expected) <= 1e-5 * expected, "\(actual), not \(expected)")
    }
    let difference = zip(actual.adapter, expected.adapter).map { ($0 - $1) * ($0 - $1) }.reduce(0, +).squareRoot()
    #expect(difference <= 1e-4 * expected.adapter.map { $0 * $0 }.reduce(0, +).squareRoot())
  }

  @Test func bytesAreThoseOfTheFormats() throws {
    let folder = try ModelFolder(TRLRun.fixtures.appending(path: "lora-dpo/begin"))
    let weights = try folder.openWeights()
    #expect(FrozenWeights.exactFormat(weights, of: folder.config) == .float32)
    let bytes = try [FrozenFormat.float32, .bfloat16, .int8, .nf4].map {
      try FrozenWeights.byteCount(weights, of: folder.config, format: $0)
    }
    #expect(bytes[0] == 4 * folder.config.architecture.parameterCount)
    let matrices = folder.config.architecture.adaptable.map { $0.shape.reduce(1, *) }.reduce(0, +)
    #expect(bytes[1] == bytes[0] - 2 * matrices && bytes[2] < bytes[1])
  }
}
