import CKernels
import Torch

/// One layer of the decoder: mid = x + attention(norm(x)), y = mid + feedForward(norm(mid)). Which norms there are, before and
/// after attention and feed-forward, is the family's to say.
///
/// Shapes: x, mid and y are N×D; mid and y have fewer rows where only some of y are asked for, as of the last layer: keys
/// and values are those of every row, and all that follows them is for the selected ones.
struct DecoderLayer {
  let attentionNorm: RMSNorm?
  let attention: Attention
  let attentionResidual: Residual
  let feedForwardNorm: RMSNorm?
  let feedForward: FeedForward
  let feedForwardResidual: Residual

  /// What the backward needs. The norms' outputs are not kept: computing them again costs one pass over memory.
  struct Activations {
    let x: Tensor
    let attention: Attention.Activations
    /// The attention's output, where a norm follows it.
    let attended: Tensor?
    let mid: Tensor
    /// The inputs of the feed-forward's activation, block by block of rows; nil where the backward computes them again.
    var gateUp: [Tensor]?
  }

  /// Rows that go through the feed-forward at once. Its hidden layer is the widest matrix of a layer; in blocks, its memory
  /// does not grow with the batch. A multiple of the depth in which products add up, so that gradients do not depend on it.
  static let blockRows = 2048

  /// Returns y, of some rows where they are selected, and what the backward needs where it is to be kept.
  func forward(
    _ x: Tensor, batch: PackedBatch, angles: RotaryAngles?, rows: RowSelection? = nil, keeping: Bool = true
  ) throws -> (y: Tensor, Activations?) {
    var kept = try attend(x, batch: batch, angles: angles, rows: rows)
    let y = try Tensor(uninitialized: kept.mid.shape)
    var gateUp: [Tensor]? = keeping ? [] : nil
    for block in blocks(of: y) {
      let mid = kept.mid.rows(block)
      let (change, own) = try feedForward.forward(feedForwardNorm?.forward(mid).y ?? mid)
      try feedForwardResidual.forward(mid, adding: change, into: y.rows(block))
      gateUp?.append(own)
    }
    kept.gateUp = gateUp
    return (y, keeping ? kept : nil)
  }

  /// The layer as far as `mid`: what the backward needs where it computes the rest again, block by block.
  func attend(
    _ x: Tensor, batch: PackedBatch, angles: RotaryAngles?, rows: RowSelection?
  ) throws -> Activations {
    let h = try attentionNorm?.forward(x).y ?? x
    let (change, kept) = try attention.forward(h, batch: batch, angles: angles, rows: rows)
    let isRead = attentionResidual.readsChange
    let mid = isRead ? try Tensor(uninitialized: change.shape) : change
    try attentionResidual.forward(rows?.gather(x) ?? x, adding: change, into: mid)
    return Activations(x: x, attention: kept, attended: isRead ? change : nil, mid: mid, gateUp: nil)
  }

  /// Adds the gradients of the weights and returns dx, of all rows. The activations and dy are used up.
  func backward(
    _ dy: Tensor, activations: Activations, batch: PackedBatch, angles: RotaryAngles?, rows: RowSelection? = nil
  ) throws -> Tensor {
    for (index, block) in blocks(of: dy).enumerated() {
      let (mid, dy) = (activations.mid.rows(block), dy.rows(block))
      let (h2, scale2) = try normalized(mid, by: feedForwardNorm)
      let gateUp = try activations.gateUp?[index] ?? feedForward.gateUp.forward(h2)
      let dchange = try feedForwardResidual.backward(dy, change: feedForward.output(gateUp))
      let dh2 = try feedForward.backward(dchange, x: h2, gateUp: gateUp)
      try add(dh2, throughTo: dy, by: feedForwardNorm, of: mid, scale: scale2)
    }

    let (h1, scale1) = try normalized(activations.x, by: attentionNorm)
    let dchange = try attentionResidual.backward(dy, change: activations.attended ?? dy)
    let dh1 = try attention.backward(
      dchange, x: h1, activations: activations.attention, batch: batch, angles: angles, rows: rows)
    let dx = try rows?.scatter(dy, over: h1.shape[0]) ?? dy
    try add(dh1, throughTo: dx, by: attentionNorm, of: activations.x, scale: scale1)
    return dx
  }

  private func blocks(of x: Tensor) -> [Range<Int>] {
    (0..<x.shape[0]).chunks(of: Self.blockRows)
  }

  /// x after a norm with the norm's scales, or x itself.
  private func normalized(_ x: Tensor, by norm: RMSNorm?) throws -> (Tensor, scale: Tensor?) {
    guard let norm else { return (x, nil) }
    let (y, scale) = try norm.forward(x)
    return (y, scale)
  }

  /// Adds to dx what comes of the gradient of x after a norm, where there is one.
  private func add(_ dy: Tensor, throughTo dx: Tensor, by norm: RMSNorm?, of x: Tensor, scale: Tensor?) throws {
    if let norm, let scale { return try norm.backward(dy, x: x, scale: scale, addingTo: dx) }
    try parallel(dx.count, grain: 1 << 14) { range in
      ck_add(dx.floats, dy.floats, dx.floats, Int64(range.lowerBound), Int64(range.upperBound))
    }
  }
}
