import Alignment
import Datasets
import Foundation
import ModelFiles
import Objectives
import TestSupport
import Testing
import Torch

@testable import Llama
@testable import Training

/// Gradients that are summed in bfloat16.
@Suite struct NarrowGradientsTests {
  private static let examples = TinyModel.pairs(24)

  private func batch(_ step: Int) -> [TrainingExample] { Array(Self.examples[step % 3 * 8..<step % 3 * 8 + 8]) }

  /// A trainer whose batches are several micro-batches.
  private func trainer(
    _ type: DType, moments: AdamW.MomentFormat = .float32, weightDecay: Double = 0, ties: Bool = false
  ) throws -> Trainer {
    try TinyModel.trainer(
      TinyModel.larger(gradientType: type, ties: ties), moments, weightDecay: weightDecay, microTokens: 100)
  }

  @Test(arguments: [AdamW.MomentFormat.float32, .eightBits])
  func lossesFollowThoseOfFloat32(moments: AdamW.MomentFormat) throws {
    try TinyModel.expectLosses(
      of: trainer(.bfloat16, moments: moments), near: trainer(.float32, moments: moments), on: batch)
  }

  /// Each sum is float32's but for the roundings of its additions, a matrix that is both embedding and head included; and none of
  /// it stays in float32.
  @Test(arguments: [false, true]) func sumsAreThoseOfFloat32(ties: Bool) throws {
    let (wide, narrow) = (try trainer(.float32, ties: ties), try trainer(.bfloat16, ties: ties))
    for trainer in [wide, narrow] {
      let pass = BatchPass(model: trainer.model, objective: SupervisedObjective(), microTokens: 100)
      _ = try pass.train(batch(0), weight: pass.weight(of: batch(0)))
    }
    let expected = try #require(wide.model.parameters.gradients).array
    var sums: [Float] = []
    narrow.model.parameters.withGradients(expected.indices) {
      sums = Array(UnsafeBufferPointer(start: $0, count: expected.count))
    }
    let apart = zip(sums, expected).map { Double($0 - $1) }
    let size = (expected.reduce(0) { $0 + Double($1 * $1) } / Double(expected.count)).squareRoot()
    let error = (apart.reduce(0) { $0 + $1 * $1 } / Double(apart.count)).squareRoot()
    #expect(error > 0 && error < 0.01 * size, "\(error) of \(size)")
    #expect(abs(apart.reduce(0, +)) < 5 * error * Double(apart.count).squareRoot(), "rounding leans to one side")
    #expect(try #require(narrow.model.parameters.gradients).array.allSatisfy { $0 == 0 })
    let norms = (try wide.optimizer.gradientNorm(), try narrow.optimizer.gradientNorm())
    #expect(abs(norms.1 / norms.0 - 1) < 1e-3)
    narrow.model.parameters.clearGradients([expected.indices])
    #expect(try narrow.optimizer.gradientNorm() == 0)
  }

  /// A thousand additions of a 4096th of a sum, each of which rounding to the nearest would lose.
  @Test func whatIsSmallIsNotLost() throws {
    let count = 2000
    let sums = try NarrowGradients(count)
    let (one, small) = (try Tensor(zeros: [count]), try Tensor(zeros: [count]))
    for place in 0..<count { (one.floats[place], small.floats[place]) = (1, 1.0 / 4096) }
    sums.begin(step: 3)
    try sums.add(one.floats, to: 0..<count)
    for _ in 0..<1000 { try sums.add(small.floats, to: 0..<count) }
    var mean = 0.0
    sums.withFloats(0..<count) { mean = Self.mean($0, count) }
    #expect(abs(mean - (1 + 1000.0 / 4096)) < 0.003, "\(mean)")
    sums.clear(0..<1000)
    sums.withFloats(0..<count) { #expect(Self.mean($0, 1000) == 0 && Self.mean($0 + 1000, 1000) > 1) }
  }

  private static func mean(_ numbers: UnsafePointer<Float>, _ count: Int) -> Double {
    (0..<count).reduce(0.0) { $0 + Double(numbers[$1]) } / Double(count)
  }

  @Test(arguments: [AdamW.MomentFormat.float32, .eightBits])
  func resumingEqualsNeverStopping(moments: AdamW.MomentFormat) throws {
    let folder = try TemporaryFolder()
    var settings = TrainingSettings()
    settings.batchSize = 8
    var source: any BatchSource = ShuffledExamples(Self.examples, settings)
    let trainers = try (0..<2).map { _ in try trainer(.bfloat16, moments: moments, weightDecay: 0.1) }
    for step in 0..<5 { _ = try trainers[0].step(on: batch(step)) }
    let checkpoint = try Checkpoint.write(
      trainers[0], source, progress: .init(tokenCount: 7), as: ModelFolderWriter(config: trainers[0].model.config),
      in: folder.url, keep: 1)
    _ = try checkpoint.restore(trainers[1], &source) { _ in }
    for step in 5..<8 {
      let steps = try trainers.map { try $0.step(on: batch(step)) }
      #expect(steps[0].result.loss == steps[1].result.loss && steps[0].gradientNorm == steps[1].gradientNorm)
    }
    #expect(trainers[0].model.parameters.values.array == trainers[1].model.parameters.values.array)
  }
}
