import Llama
import Torch

/// A head's numbers for a group of places, with as much of what its backward needs as may be held at once: for the projection
/// to the vocabulary, rows of logits.
///
/// A pair's loss needs all of its log-probabilities before the first logit's gradient can be said. Logits that are held serve
/// the backward too; only those beyond the bound are computed again there.
final class ChunkedValues {
  /// One a place.
  let values: [Float]
  /// What the head has beside them, one a place each.
  let beside: [String: [Float]]

  private let head: any Head
  private let places: [PackedBatch.Place]
  private let hidden: Tensor
  private let chunks: [Range<Int>]
  /// What the head has for the first chunk and for the last, by the chunk's place.
  private var held: [Int: HeadOutput] = [:]

  /// The numbers of places by their hidden states, with at most `logitRows` rows held at any time.
  init(head: any Head, places: [PackedBatch.Place], hidden: Tensor, logitRows: Int) throws {
    (self.head, self.places, self.hidden) = (head, places, hidden)
    chunks = Self.chunks(places.count, logitRows: logitRows)
    var (values, beside): ([Float], [String: [Float]]) = ([], [:])
    for (index, chunk) in chunks.enumerated() {
      if index > 1 { held[index - 1] = nil }
      let output = try head.forward(Array(places[chunk]), hidden: hidden)
      values += output.values
      for (name, numbers) in output.beside { beside[name, default: []] += numbers }
      held[index] = output
    }
    (self.values, self.beside) = (values, beside)
  }

  /// Adds the gradients for dLoss/dvalue = `slopes`, of the head's parameters, and of the hidden states to
  /// `hiddenGradient`. To be called once.
  func backward(_ slopes: [Float], addingTo hiddenGradient: Tensor) throws {
    for (index, chunk) in chunks.enumerated() {
      let output = try held.removeValue(forKey: index) ?? head.forward(Array(places[chunk]), hidden: hidden)
      try output.backward(Array(slopes[chunk]), hiddenGradient)
    }
  }

  /// One chunk where all fits; otherwise a first one of three quarters of the bound, and the rest in quarters.
  static func chunks(_ count: Int, logitRows: Int) -> [Range<Int>] {
    guard count > logitRows else { return [0..<count] }
    let quarter = max(1, logitRows / 4)
    let first = max(1, logitRows - quarter)
    return [0..<first] + (first..<count).chunks(of: quarter)
  }
}
