import Torch

/// What turns hidden states into the numbers that an objective sees, one a place, and takes their slopes back.
///
/// The projection to the vocabulary is one: a place's number is the log-probability of the token that follows. A reward's
/// is another: its one place is a sequence's last token.
public protocol Head {
  /// How many places of a sequence have a number.
  func placeCount(of sequence: TokenSequence) -> Int

  /// For each sequence of a batch, the places that have a number, in the sequence's order.
  func places(in batch: PackedBatch) -> [[PackedBatch.Place]]

  /// The number of each place, by the hidden states (N×D).
  func forward(_ places: [PackedBatch.Place], hidden: Tensor) throws -> HeadOutput
}

/// A head's numbers for M places, and its backward for them.
public struct HeadOutput {
  /// The numbers, M.
  public let values: [Float]
  /// Other numbers of each place that no gradient flows through, M each, by the names of columns.
  public let beside: [String: [Float]]
  /// Adds the gradients of the head's parameters, and of the hidden states to a tensor (N×D), for dLoss/dvalue, M numbers.
  /// To be called once: what it needs may be used up.
  public let backward: (_ slopes: [Float], _ hiddenGradient: Tensor) throws -> Void

  /// Numbers with their backward.
  public init(
    values: [Float], beside: [String: [Float]] = [:],
    backward: @escaping (_ slopes: [Float], _ hiddenGradient: Tensor) throws -> Void
  ) {
    self.values = values
    self.beside = beside
    self.backward = backward
  }
}
