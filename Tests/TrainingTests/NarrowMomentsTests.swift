import Alignment
import Datasets
import Foundation
import Llama
import ModelFiles
import Objectives
import TestSupport
import Testing
import Torch

@testable import Training

/// Adam with its moments in 8 bits.
@Suite struct NarrowMomentsTests {
  private func trainer(_ moments: AdamW.MomentFormat, weightDecay: Double = 0) throws -> Trainer {
    try TinyModel.trainer(TinyModel.larger(), moments, weightDecay: weightDecay, microTokens: 300)
  }

  private static let examples = TinyModel.pairs(24)

  private func batch(_ step: Int) -> [TrainingExample] { Array(Self.examples[step % 3 * 8..<step % 3 * 8 + 8]) }

  @Test func lossesFollowThoseOfFloat32() throws {
    try TinyModel.expectLosses(of: trainer(.eightBits), near: trainer(.float32), on: batch)
  }

  @Test func onlyLargeTensorsAreNarrow() throws {
    for place in try trainer(.eightBits).optimizer.places {
      if case .narrow = place.place { #expect(place.entry.shape.count == 2 && place.gradients.count >= 4096) }
      if case .wide = place.place { #expect(place.gradients.count < 4096) }
    }
    let optimizer = try trainer(.eightBits).optimizer
    let narrow = optimizer.places.count { if case .narrow = $0.place { true } else { false } }
    #expect(narrow == 12 && narrow < optimizer.places.count)
    #expect(optimizer.firstMoment.count < optimizer.gradients.count / 4)
  }

  @Test func resumingEqualsNeverStopping() throws {
    let folder = try TemporaryFolder()
    var settings = TrainingSettings()
    settings.batchSize = 8
    var source: any BatchSource = ShuffledExamples(Self.examples, settings)
    let (first, second) = (try trainer(.eightBits, weightDecay: 0.1), try trainer(.eightBits, weightDecay: 0.1))
    for step in 0..<5 { _ = try first.step(on: batch(step)) }
    let checkpoint = try Checkpoint.write(
      first, source, progress: .init(tokenCount: 7), as: ModelFolderWriter(config: first.model.config), in: folder.url,
      keep: 1)
    #expect(try checkpoint.restore(second, &source) { _ in }.tokenCount == 7)
    for step in 5..<8 {
      let (one, other) = (try first.step(on: batch(step)), try second.step(on: batch(step)))
      #expect(one.result.loss == other.result.loss && one.gradientNorm == other.gradientNorm)
    }
    #expect(first.model.parameters.values.array == second.model.parameters.values.array)
    // Another kind of moments is not taken for this one.
    let error = #expect(throws: TrainingError.self) { try checkpoint.restore(trainer(.float32), &source) { _ in } }
    #expect(error?.description.contains("moments, and what trains has") == true)
  }

  /// A checkpoint takes a byte for each moment, and a number for 256 of them.
  @Test func checkpointsAreSmaller() throws {
    let folder = try TemporaryFolder()
    let source = ShuffledExamples(Self.examples, TrainingSettings())
    let (wide, narrow) = (try trainer(.float32), try trainer(.eightBits))
    func size(_ trainer: Trainer, _ name: String) throws -> Int {
      let run = folder.url(name)
      try FileManager.default.createDirectory(at: run, withIntermediateDirectories: true)
      let checkpoint = try Checkpoint.write(
        trainer, source, progress: .init(), as: ModelFolderWriter(config: trainer.model.config), in: run, keep: 1)
      let tensors = try SafetensorsFile(checkpoint.url.appending(path: "optimizer.safetensors")).tensors
      return tensors.reduce(0) { $0 + $1.byteCount }
    }
    #expect(try size(wide, "wide") == 8 * wide.optimizer.gradients.count)
    let small = narrow.optimizer.firstMoment.count
    let large = narrow.optimizer.gradients.count - small
    #expect(try size(narrow, "narrow") == 8 * small + 2 * large + 8 * large / 256)
  }

  /// Gradients of many sizes lie in one block, and those of half of them become smaller: roots of second moments follow, where
  /// rounding to the nearest value would leave them where they were.
  @Test func rootsFollowGradientsThatShrink() throws {
    let count = 1000
    let moments = try NarrowMoments(count, NarrowMoments.Maps())
    let (values, gradient) = (try Tensor(zeros: [count]), try Tensor(zeros: [count]))
    var generator = SplitMix64(seed: 3)
    let sizes = (0..<count).map { _ in pow(10, Float.random(in: -3...0, using: &generator)) }
    var exact = [Double](repeating: 0, count: count)
    for step in 1...3000 {
      for place in 0..<count {
        let shrunk: Float = step > 1000 && place % 2 == 0 ? 0.3 : 1
        gradient.floats[place] = sizes[place] * shrunk * Float.random(in: -1...1, using: &generator)
        exact[place] = 0.999 * exact[place] + 0.001 * Double(gradient.floats[place] * gradient.floats[place])
      }
      let constants = AdamW.Constants(
        step: step, gradientScale: 1, learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0,
        correction1: 1 - pow(0.9, Double(step)), correction2: 1 - pow(0.999, Double(step)))
      try moments.step(values.floats, constants) { numbers, body in body(gradient.floats + numbers.lowerBound) }
    }
    let (places, scales) = (moments.places[1], moments.scales[1].array)
    let ratios = (0..<count).map { place in
      Double(DynamicMap.unsigned[Int(places[place])] * scales[place / 256]) / exact[place].squareRoot()
    }
    for half in 0...1 {
      let of = stride(from: half, to: count, by: 2).map { ratios[$0] }
      let mean = of.reduce(0, +) / Double(of.count)
      #expect(abs(mean - 1) < 0.04, "\(half == 0 ? "shrunk" : "same"): \(mean)")
      #expect(of.allSatisfy { $0 > 0.3 && $0 < 3 })
    }
    #expect(values.array.allSatisfy { abs($0) < 0.4 })
  }

  @Test func zeroGradientsMoveNothing() throws {
    let moments = try NarrowMoments(300, NarrowMoments.Maps())
    let (values, gradient) = (try Tensor(zeros: [300]), try Tensor(zeros: [300]))
    for step in 1...3 {
      let constants = AdamW.Constants(
        step: step, gradientScale: 1, learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0,
        correction1: 0.1, correction2: 0.001)
      try moments.step(values.floats, constants) { numbers, body in body(gradient.floats + numbers.lowerBound) }
    }
    #expect(values.array.allSatisfy { $0 == 0 })
  }
}
