import Torch

extension LlamaModel {
  /// The length that the scores of sequences which share a prefix depend on, besides their tokens: that of the longest,
  /// where dynamic scaling turns them by it; else nil.
  public func rotaryLength(of sequences: [TokenSequence]) -> Int? { rotary.length(of: sequences) }

  /// The logits of hidden states, N×V.
  public func logits(_ hidden: Tensor) throws -> Tensor { try projection.logits(hidden) }
}
