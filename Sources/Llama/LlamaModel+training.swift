import CKernels
import Torch

extension LlamaModel {
  /// What a forward pass remembers for the backward.
  public enum Keeping: String, Sendable, CaseIterable {
    /// Nothing: there will be no backward.
    case nothing
    /// Each layer's input only; the backward runs each layer's forward again.
    case layerInputs
    /// Everything: the fastest.
    case everything
  }

  /// What the backward needs, freed layer by layer as it goes.
  public final class Activations {
    enum Layer {
      case input(Tensor)
      case everything(DecoderLayer.Activations)
    }

    let batch: PackedBatch
    let angles: RotaryAngles
    var layers: [Layer] = []
    /// The last norm's input and scales.
    var normInput: Tensor?
    var normScale: Tensor?

    init(batch: PackedBatch, angles: RotaryAngles) {
      self.batch = batch
      self.angles = angles
    }
  }

  /// The hidden states of a batch's N tokens after the last norm, N×D, and what the backward needs.
  /// - Throws: `LlamaError` for tokens outside the vocabulary.
  public func forward(_ batch: PackedBatch, keeping: Keeping) throws -> (hidden: Tensor, Activations) {
    try check(batch)
    let activations = Activations(batch: batch, angles: try rotary.angles(batch))
    var x = try embedding.forward(batch.tokens)
    for layer in layers {
      let (y, kept) = try layer.forward(x, batch: batch, angles: activations.angles)
      switch keeping {
      case .nothing: break
      case .layerInputs: activations.layers.append(.input(x))
      case .everything: activations.layers.append(.everything(kept))
      }
      x = y
    }
    let (hidden, scale) = try norm.forward(x)
    if keeping != .nothing { (activations.normInput, activations.normScale) = (x, scale) }
    return (hidden, activations)
  }

  /// Adds every parameter's gradient for the gradient of the hidden states, N×D. The activations are used up.
  public func backward(_ hiddenGradient: Tensor, _ activations: Activations) throws {
    guard let x = activations.normInput, let scale = activations.normScale else {
      throw LlamaError("a forward pass that kept nothing has no backward")
    }
    let (batch, angles) = (activations.batch, activations.angles)
    let gradient = try Tensor(zeros: x.shape)
    try norm.backward(hiddenGradient, x: x, scale: scale, addingTo: gradient)
    for layer in layers.reversed() {
      switch activations.layers.removeLast() {
      case .everything(let kept):
        try layer.backward(gradient, activations: kept, batch: batch, angles: angles)
      case .input(let x):
        let (_, kept) = try layer.forward(x, batch: batch, angles: angles)
        try layer.backward(gradient, activations: kept, batch: batch, angles: angles)
      }
    }
    try embedding.backward(gradient, tokens: batch.tokens)
  }

  private func check(_ batch: PackedBatch) throws {
    guard let token = batch.tokens.first(where: { $0 < 0 || $0 >= config.vocabularySize }) else {
      guard let window = config.slidingWindow, let longest = batch.segments.map(\.longest).max(), longest > window
      else { return }
      throw LlamaError(
        "a sequence of \(longest) tokens outgrows the model's sliding window of \(window); lower --max-length to it")
    }
    throw LlamaError(
      "token \(token) is outside the model's vocabulary of \(config.vocabularySize); the tokenizer is another model's")
  }
}
