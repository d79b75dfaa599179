import Foundation
import ModelFiles
import Torch

extension LlamaModel {
  /// A model that has learned nothing: matrices from N(0, deviation²), norms of one (with what the family adds to their weights), biases of zero, as transformers
  /// begins one.
  public convenience init(
    untrained config: LlamaConfig, deviation: Double = 0.02, gradientType: DType = .float32,
    using generator: inout some RandomNumberGenerator
  ) throws {
    let parameters = try Parameters(
      layout: ParameterLayout(config), training: true, gradientType: gradientType)
    for entry in parameters.layout.entries {
      let value = parameters.value(entry)
      if entry.shape.count > 1 {
        value.fill(deviation: deviation, using: &generator)
      } else {
        value.floats.update(repeating: entry.tensor.isBias ? 0 : 1 - config.family.normOffset, count: value.count)
      }
    }
    try self.init(config: config, parameters: parameters)
  }
}

extension Tensor {
  /// The numbers of a score that has learned nothing.
  func fillAsScore(of config: LlamaConfig, using generator: inout some RandomNumberGenerator) {
    fill(deviation: config.json["initializer_range"]?.double ?? 0.02, using: &generator)
  }

  /// Numbers from N(0, deviation²).
  func fill(deviation: Double, using generator: inout some RandomNumberGenerator) {
    for index in 0..<count { floats[index] = Float(deviation * Self.normal(using: &generator)) }
  }

  /// A number from the standard normal distribution (Box and Muller).
  private static func normal(using generator: inout some RandomNumberGenerator) -> Double {
    let radius = (-2 * log(1 - Double.random(in: 0..<1, using: &generator))).squareRoot()
    return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &generator))
  }
}
