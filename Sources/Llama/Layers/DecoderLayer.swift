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
    /// The inputs of the feed-forward's activation, block by block of rows; nil where the backward computes them again.
    var gateUp: [Tensor]?
  }

  /// Rows that go through the feed-forward at once. Its hidden layer is the widest matrix of a layer; in blocks, its memory
  /// does not grow with the batch. A multiple of the depth in which products add up, so that gradients do not depend on it.
  static let blockRows = 2048

  /// Returns y, of some rows where they are selected, and what the backward needs where it is to be kept.
  func forward(
    _ x: Tensor, batch: PackedBatch, angles: RotaryAngles, rows: RowSelection? = nil, keeping: Bool = true
  ) throws -> (y: Tensor, Activations?) {
    var kept = try attend(x, batch: batch, angles: angles, rows: rows)
    let y = try Tensor(uninitialized: kept.mid.shape)
    var gateUp: [Tensor]? = keeping ? [] : nil
    for block in blocks(of: y) {
      let mid = kept.mid.rows(block)
      let (change, own) = try feedForward.forward(feedForwardNorm.forward(mid).y)
      try add(mid, change, into: y.rows(block))
      gateUp?.append(own)
    }
    kept.gateUp = gateUp
    return (y, keeping ? kept : nil)
  }

  /// The layer as far as `mid`: what the backward needs where it computes the rest again, block by block.
  func attend(
    _ x: Tensor, batch: PackedBatch, angles: RotaryAngles, rows: RowSelection?
  ) throws -> Activations {
    let (mid, kept) = try attention.forward(attentionNorm.forward(x).y, batch: batch, angles: angles, rows: rows)
    try add(mid, rows?.gather(x) ?? x, into: mid)
    return Activations(x: x, attention: kept, mid: mid, gateUp: nil)
  }

  /// Adds the gradients of the weights and returns dx, of all rows. The activations and dy are used up.
  func backward(
    _ dy: Tensor, activations: Activations, batch: PackedBatch, angles: RotaryAngles, rows: RowSelection? = nil
  ) throws -> Tensor {
    for (index, block) in blocks(of: dy).enumerated() {
      let (mid, dy) = (activations.mid.rows(block), dy.rows(block))
      let (h2, scale2) = try feedForwardNorm.forward(mid)
      let gateUp = try activations.gateUp?[index] ?? feedForward.gateUp.forward(h2)
      let dh2 = try feedForward.backward(dy, x: h2, gateUp: gateUp)
      try feedForwardNorm.backward(dh2, x: mid, scale: scale2, addingTo: dy)
    }

    let (h1, scale1) = try attentionNorm.forward(activations.x)
    let dh1 = try attention.backward(
      dy, x: h1, activations: activations.attention, batch: batch, angles: angles, rows: rows)
    let dx = try rows?.scatter(dy, over: h1.shape[0]) ?? dy
    try attentionNorm.backward(dh1, x: activations.x, scale: scale1, addingTo: dx)
    return dx
  }

  private func blocks(of x: Tensor) -> [Range<Int>] {
    (0..<x.shape[0]).chunks(of: Self.blockRows)
  }

  private func add(_ a: Tensor, _ b: Tensor, into sum: Tensor) throws {
    try parallel(sum.count, grain: 1 << 14) { range in
      ck_add(a.floats, b.floats, sum.floats, Int64(range.lowerBound), Int64(range.upperBound))
    }
  }
}
