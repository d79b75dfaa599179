import CKernels
import Torch

/// One layer of the decoder: mid = x + attention(norm(x)), y = mid + feedForward(norm(mid)).
///
/// Shapes: x, mid and y are N×D.
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

  /// Returns y and what the backward needs.
  func forward(_ x: Tensor, batch: PackedBatch, angles: RotaryAngles) throws -> (y: Tensor, Activations) {
    let (mid, kept) = try attention.forward(attentionNorm.forward(x).y, batch: batch, angles: angles)
    try add(x, to: mid)
    let (y, gateUp) = try feedForward.forward(feedForwardNorm.forward(mid).y)
    try add(mid, to: y)
    return (y, Activations(x: x, attention: kept, mid: mid, gateUp: gateUp))
  }

  /// Adds the gradients of the weights. `gradient` holds dy and is turned into dx in place; the activations are used up.
  func backward(_ gradient: Tensor, activations: Activations, batch: PackedBatch, angles: RotaryAngles) throws {
    let (h2, scale2) = try feedForwardNorm.forward(activations.mid)
    let dh2 = try feedForward.backward(gradient, x: h2, gateUp: activations.gateUp)
    try feedForwardNorm.backward(dh2, x: activations.mid, scale: scale2, addingTo: gradient)

    let (h1, scale1) = try attentionNorm.forward(activations.x)
    let dh1 = try attention.backward(
      gradient, x: h1, activations: activations.attention, batch: batch, angles: angles)
    try attentionNorm.backward(dh1, x: activations.x, scale: scale1, addingTo: gradient)
  }

  private func add(_ x: Tensor, to y: Tensor) throws {
    try parallel(x.count, grain: 1 << 14) { range in
      ck_add(y.floats, x.floats, Int64(range.lowerBound), Int64(range.upperBound))
    }
  }
}
