import Foundation

/// Chooses the next token by a model's logits.
public struct Sampler: Sendable {
  /// What the logits are divided by before the softmax; 0 takes the most probable token.
  public let temperature: Double

  /// A sampler at a temperature of at least 0.
  public init(temperature: Double) { self.temperature = temperature }

  /// The next token.
  /// - Parameter logits: V numbers.
  public func next(_ logits: some RandomAccessCollection<Float>, using generator: inout some RandomNumberGenerator)
    -> Int32
  {
    guard let maximum = logits.max() else { return 0 }
    let most = logits.firstIndex(of: maximum) ?? logits.startIndex
    guard temperature > 0, maximum.isFinite else { return Int32(logits.distance(from: logits.startIndex, to: most)) }
    let weights = logits.map { exp((Double($0) - Double(maximum)) / temperature) }
    var threshold = Double.random(in: 0..<1, using: &generator) * weights.reduce(0, +)
    for (token, weight) in weights.enumerated() {
      threshold -= weight
      if threshold < 0 { return Int32(token) }
    }
    return Int32(logits.distance(from: logits.startIndex, to: most))
  }
}
