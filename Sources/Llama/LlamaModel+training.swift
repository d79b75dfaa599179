import CKernels
import ModelFiles
import Torch
import Wording

extension LlamaModel {
  /// What a forward pass remembers for the backward.
  public enum Keeping: Sendable {
    /// Nothing: there will be no backward.
    case nothing
    /// Everything, but of the first so many layers their inputs only: the backward computes these layers again.
    case activations(recomputing: Int)

    /// The fastest.
    public static let everything = activations(recomputing: 0)

    var isNothing: Bool { if case .nothing = self { true } else { false } }

    func includes(layer: Int) -> Bool {
      if case .activations(let recomputed) = self { layer >= recomputed } else { false }
    }
  }

  /// What the backward needs, freed layer by layer as it goes.
  public final class Activations {
    enum Layer {
      case input(Tensor)
      case everything(DecoderLayer.Activations)
    }

    let batch: PackedBatch
    /// Each layer's.
    let angles: [RotaryAngles?]
    /// The rows whose hidden states were asked for, where not all were.
    let rows: RowSelection?
    var layers: [Layer] = []
    /// What the pass draws from that leaves out an adapter's inputs.
    var dropoutSeed: UInt64?
    /// The last norm's input and scales.
    var normInput: Tensor?
    var normScale: Tensor?

    init(batch: PackedBatch, angles: [RotaryAngles?], rows: RowSelection?) {
      self.batch = batch
      self.angles = angles
      self.rows = rows
    }
  }

  /// The hidden states of a batch's N tokens after the last norm, N×D, and what the backward needs.
  /// - Parameter places: those whose hidden states are read; the others are zero, and the last layer does not compute them.
  ///   Without it, all.
  /// - Throws: `LlamaError` for tokens outside the vocabulary.
  public func forward(
    _ batch: PackedBatch, keeping: Keeping, reading places: [PackedBatch.Place]? = nil
  ) throws -> (hidden: Tensor, Activations) {
    try check(batch)
    let rows = places.flatMap { batch.rows(of: $0) }
    let activations = Activations(batch: batch, angles: try rotary.angles(batch), rows: rows)
    if let dropout = adapter?.dropout, !keeping.isNothing { activations.dropoutSeed = dropout.nextPass() }
    adapter?.dropout?.passSeed = activations.dropoutSeed
    defer { adapter?.dropout?.passSeed = nil }
    var x = try using(.embedding, before: group(after: -1)) { try embedding.forward(batch.tokens) }
    for (index, layer) in layers.enumerated() {
      let isReached = !keeping.isNothing && index >= firstReachedLayer
      let (y, kept) = try using(.layer(index), before: group(after: index)) {
        try layer.forward(
          x, batch: batch, angles: activations.angles[index], rows: self.rows(rows, layer: index),
          keeping: isReached && keeping.includes(layer: index))
      }
      if isReached { activations.layers.append(kept.map { .everything($0) } ?? .input(x)) }
      x = y
    }
    let (hidden, scale) = try using(.norm, before: headGroup) { try norm.forward(x) }
    if !keeping.isNothing { (activations.normInput, activations.normScale) = (x, scale) }
    return (try rows?.scatter(hidden, over: batch.tokens.count) ?? hidden, activations)
  }

  /// Adds the gradients of all that trains for the gradient of the hidden states, N×D. The activations are used up. Where
  /// nothing below trains, it stops.
  public func backward(_ hiddenGradient: Tensor, _ activations: Activations) throws {
    try requireTraining()
    guard let x = activations.normInput, let scale = activations.normScale else {
      throw LlamaError("a forward pass that kept nothing has no backward")
    }
    guard trainsBelowHead else { return }
    adapter?.dropout?.passSeed = activations.dropoutSeed
    defer { adapter?.dropout?.passSeed = nil }
    let batch = activations.batch
    var gradient = try Tensor(zeros: x.shape)
    let dy = try activations.rows?.gather(hiddenGradient) ?? hiddenGradient
    try using(.norm, before: group(beneath: layers.count)) {
      try norm.backward(dy, x: x, scale: scale, addingTo: gradient)
    }
    try collect(.norm)
    for (index, layer) in layers.enumerated().dropFirst(firstReachedLayer).reversed() {
      let (rows, angles) = (rows(activations.rows, layer: index), activations.angles[index])
      gradient = try using(.layer(index), before: group(beneath: index)) {
        let kept =
          switch activations.layers.removeLast() {
          case .everything(let kept): kept
          case .input(let x): try layer.attend(x, batch: batch, angles: angles, rows: rows)
          }
        return try layer.backward(gradient, activations: kept, batch: batch, angles: angles, rows: rows)
      }
      try collect(.layer(index))
    }
    try embedding.backward(gradient, tokens: batch.tokens)
    try collect(.embedding)
    try traffic?.finish()
  }

  /// The first layer that a backward comes to: none below it trains, nor does the embedding.
  var firstReachedLayer: Int {
    embedding.weight.gradient != nil ? 0 : layers.firstIndex(where: \.trains) ?? layers.count
  }

  /// Whether anything trains whose gradient comes by way of the hidden states.
  var trainsBelowHead: Bool { firstReachedLayer < layers.count || norm.weight.gradient != nil }

  func requireTraining() throws {
    guard trained.gradients != nil else {
      throw LlamaError("nothing of the model trains: it was loaded without room for gradients")
    }
  }

  /// Only the last layer has rows that nothing reads.
  private func rows(_ selection: RowSelection?, layer index: Int) -> RowSelection? {
    index == layers.count - 1 ? selection : nil
  }

  private func check(_ batch: PackedBatch) throws {
    guard let token = batch.tokens.first(where: { $0 < 0 || $0 >= config.vocabularySize }) else { return }
    throw LlamaError(
      "token \(token) is outside the model's vocabulary of \(config.vocabularySize); the tokenizer is another model's")
  }
}

extension DecoderLayer {
  /// Whether anything of the layer trains: all of it, or what an adapter adds.
  fileprivate var trains: Bool {
    [attentionNorm, feedForwardNorm, attentionResidual.norm].contains { $0?.weight.gradient != nil }
      || [attention.queryKeyValue, attention.output, feedForward.gateUp, feedForward.down].contains {
        $0.adapter?.a.gradient != nil
      }
  }
}
