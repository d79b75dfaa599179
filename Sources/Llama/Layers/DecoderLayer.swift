import CKernels
import Torch

/// One layer of the decoder: mid = x + attention(norm(x)), y = mid + feedForward(norm(mid)).
///
/// Shapes: x, mid and y are N×D; mid and y have fewer rows where only some of y are asked for, as of the last layer: keys
/// and values are those of every row, and all that follows them is for the selected ones.
struct DecoderLayer {
  let attentionNorm: RMSNorm
  let attention: Attention
  let feedForwardNorm: RMSNorm
  let feedForward: FeedForward

  /// What the backward needs. The norms' outputs are not kept: computing them again costs one pass over memory.
  struct Activations {
    let x: Tensor
    let attention: Attention.Activations
    let mid: Tensor
    let gateUp: Tensor
  }

  /// Returns y, of some rows where they are selected, and what the backward needs.
  func forward(
    _ x: Tensor, batch: PackedBatch, angles: RotaryAngles, rows: RowSelection? = nil
  ) throws -> (y: Tensor, Activations) {
    let (mid, kept) = try attention.forward(attentionNorm.forward(x).y, batch: batch, angles: angles, rows: rows)
    try add(rows?.gather(x) ?? x, to: mid)
    let (y, gateUp) = try feedForward.forward(feedForwardNorm.forward(mid).y)
    try add(mid, to: y)
    return (y, Activations(x: x, attention: kept, mid: mid, gateUp: gateUp))
  }

  /// Adds the gradients of the weights and returns dx, of all rows. The activations and dy are used up.
  func backward(
    _ dy: Tensor, activations: Activations, batch: PackedBatch, angles: RotaryAngles, rows: RowSelection? = nil
  ) throws -> Tensor {
    let (h2, scale2) = try feedForwardNorm.forward(activations.mid)
    let dh2 = try feedForward.backward(dy, x: h2, gateUp: activations.gateUp)
    try feedForwardNorm.backward(dh2, x: activations.mid, scale: scale2, addingTo: dy)

    let (h1, scale1) = try attentionNorm.forward(activations.x)
    let dh1 = try attention.backward(
      dy, x: h1, activations: activations.attention, batch: batch, angles: angles, rows: rows)
    let dx = try rows?.scatter(dy, over: h1.shape[0]) ?? dy
    try attentionNorm.backward(dh1, x: activations.x, scale: scale1, addingTo: dx)
    return dx
  }

  private func add(_ x: Tensor, to y: Tensor) throws {
    try parallel(x.count, grain: 1 << 14) { range in
      ck_add(y.floats, x.floats, Int64(range.lowerBound), Int64(range.upperBound))
    }
  }
}
