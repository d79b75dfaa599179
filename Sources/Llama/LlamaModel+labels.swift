import CKernels
import Torch

extension LlamaModel {
  /// The logits of a classifier, h · w for each of its L labels, read at some places; as in transformers'
  /// `…ForSequenceClassification`, without a bias. Products are summed in double precision, as in ``ScoreHead``.
  /// - Parameter hidden: N×D.
  /// - Returns: L numbers for each place.
  /// - Throws: `LlamaError` where the model has no labels.
  package func labelLogits(_ places: [PackedBatch.Place], hidden: Tensor) throws -> [[Float]] {
    guard let score else { throw LlamaError("the model has no labels; it is no classifier") }
    let (x, L, D) = (try RowSelection(rows: places.map(\.row)).gather(hidden), score.value.shape[0], hidden.shape[1])
    return places.indices.map { place in
      let h = x.floats + place * D
      return (0..<L).map { label in
        let w = score.value.floats + label * D
        return Float((0..<D).reduce(0.0) { $0 + Double(h[$1]) * Double(w[$1]) })
      }
    }
  }
}
