import Foundation
import ModelFiles
import Torch

extension LlamaModel {
  /// A model that has learned nothing: matrices from N(0, deviation²), norms of one, biases of zero, as transformers
  /// begins one.
  public convenience init(
    untrained config: LlamaConfig, deviation: Double = 0.02, using generator: inout some RandomNumberGenerator
  ) throws {
    let parameters = try Parameters(layout: ParameterLayout(config), training: true)
    for entry in parameters.layout.entries {
      let value = parameters.value(entry)
      for index in 0..<value.count {
        let number =
          entry.shape.count > 1
          ? deviation * Self.normal(using: &generator) : entry.tensor.isBias ? 0 : 1
        value.floats[index] = Float(number)
      }
    }
    try self.init(config: config, parameters: parameters)
  }

  /// A number from the standard normal distribution (Box and Muller).
  private static func normal(using generator: inout some RandomNumberGenerator) -> Double {
    let radius = (-2 * log(1 - Double.random(in: 0..<1, using: &generator))).squareRoot()
    return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &generator))
  }
}
