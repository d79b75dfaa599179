import Foundation
import JSON

/// Which labels of a classifier say that a text is not to be shown, and from what probability on.
public struct ModerationLabels: Sendable {
  private let labels: [String]
  private let isUnsafe: [Bool]
  private let areIndependent: Bool
  private let threshold: Double

  /// Names of labels that mean no harm, in small letters.
  private static let harmless = ["safe", "ok", "harmless"]

  /// Labels in the order of a classifier's logits.
  /// - Parameters:
  ///   - unsafe: the labels that count as unsafe. Without any, these are all but `safe`, `ok` and `harmless`, in whatever
  ///     letters, and but `LABEL_0` where there are two.
  ///   - areIndependent: whether each label has a probability of its own, a sigmoid; else they share one, by softmax. A single
  ///     label always has its own.
  ///   - threshold: the probability from which on a text is refused.
  /// - Throws: `ModerationError` for an unsafe label that there is not, and where all texts would be treated alike.
  public init(
    _ labels: [String], unsafe: [String] = [], areIndependent: Bool = false, threshold: Double = 0.5
  ) throws(ModerationError) {
    let names = labels.map { "'\($0.cut(to: 40))'" }.joined(separator: ", ").cut(to: 400)
    if let stranger = unsafe.first(where: { !labels.contains($0) }) {
      throw ModerationError("the classifier has no label '\(stranger.cut(to: 40))'; it has \(names)")
    }
    isUnsafe = labels.map { label in
      guard unsafe.isEmpty else { return unsafe.contains(label) }
      return !Self.harmless.contains(label.lowercased()) && !(labels.count == 2 && label == "LABEL_0")
    }
    self.areIndependent = areIndependent || labels.count == 1
    guard labels.count == 1 || isUnsafe.contains(true) else {
      throw ModerationError("none of the classifier's labels counts as unsafe: \(names); say which of them do")
    }
    guard self.areIndependent || isUnsafe.contains(false) else {
      throw ModerationError("all of the classifier's labels count as unsafe: \(names); say which of them do")
    }
    self.labels = labels
    self.threshold = threshold
  }

  /// The verdict of a text's logits. Of one label that means no harm, its opposite counts.
  /// - Throws: `ModerationError` where a logit is not a number.
  public func verdict(_ logits: [Float]) throws(ModerationError) -> ModerationVerdict {
    guard logits.count == labels.count, logits.allSatisfy(\.isFinite) else {
      throw ModerationError("the classifier's logits are not numbers")
    }
    if labels.count == 1, !isUnsafe[0] { return verdict([("unsafe", Self.sigmoid(-Double(logits[0])))]) }
    let probabilities = areIndependent ? logits.map { Self.sigmoid(Double($0)) } : Self.softmax(logits)
    return verdict(labels.indices.filter { isUnsafe[$0] }.map { (labels[$0], probabilities[$0]) })
  }

  private func verdict(_ unsafe: [(name: String, score: Double)]) -> ModerationVerdict {
    let scores = unsafe.map(\.score)
    let total = areIndependent ? scores.max() ?? 1 : scores.reduce(0, +)
    return ModerationVerdict(
      isFlagged: total >= threshold,
      categories: unsafe.map { .init(name: $0.name, isFlagged: $0.score >= threshold, score: $0.score) })
  }

  private static func sigmoid(_ x: Double) -> Double { x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)) }

  private static func softmax(_ logits: [Float]) -> [Double] {
    let greatest = Double(logits.max() ?? 0)
    let exponentials = logits.map { exp(Double($0) - greatest) }
    let sum = exponentials.reduce(0, +)
    return exponentials.map { $0 / sum }
  }
}
