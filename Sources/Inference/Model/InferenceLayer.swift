import CKernels
import Llama
import ModelFiles
import Torch

/// One layer of the decoder: x += attention(norm(x)), then x += feedForward(norm(x)), with the norms that the family has.
///
/// Shapes: x is N×D for the N tokens of a step, which may belong to many sequences.
struct InferenceLayer {
  let attentionNorm: Tensor?
  /// Queries, keys and values: (H+2K)·S × D.
  let queryKeyValue: WeightMatrix
  let queryKeyValueBias: Tensor?
  /// The norms of queries and keys, of each head or of all.
  let queryNorm: Tensor?
  let keyNorm: Tensor?
  let output: WeightMatrix
  let outputBias: Tensor?
  let outputNorm: Tensor?
  let feedForwardNorm: Tensor?
  /// Gate and up: 2F×D.
  let gateUp: WeightMatrix
  let gateUpBias: Tensor?
  let down: WeightMatrix
  let downBias: Tensor?
  let downNorm: Tensor?
  private let activation: Family.Activation
  private let normOffset: Float
  /// What is multiplied with attention and feed-forward before they are added.
  private let factor: Float

  init(
    _ layer: Architecture.Layer, _ config: LlamaConfig, matrix: ([Architecture.Tensor]) throws -> WeightMatrix,
    vector: ([Architecture.Tensor]) throws -> Tensor
  ) throws {
    (activation, normOffset) = (config.family.activation, config.family.normOffset)
    factor = Float(config.multipliers.residual)
    func linear(_ linear: Architecture.Linear) throws -> (WeightMatrix, bias: Tensor?) {
      (try matrix(linear.weights), try linear.biases.isEmpty ? nil : vector(linear.biases))
    }
    func norm(_ weight: Architecture.Tensor?) throws -> Tensor? { try weight.map { try vector([$0]) } }
    attentionNorm = try norm(layer.attentionNorm)
    (queryKeyValue, queryKeyValueBias) = try linear(layer.queryKeyValue)
    (queryNorm, keyNorm) = (try norm(layer.queryNorm), try norm(layer.keyNorm))
    (output, outputBias) = try linear(layer.output)
    (outputNorm, feedForwardNorm) = (try norm(layer.outputNorm), try norm(layer.feedForwardNorm))
    (gateUp, gateUpBias) = try linear(layer.gateUp)
    (down, downBias) = try linear(layer.down)
    downNorm = try norm(layer.downNorm)
  }

  /// Packs the matrices again; vectors are float32, and shared.
  func refresh(_ layer: Architecture.Layer, weights: ([Architecture.Tensor]) throws -> Tensor) throws {
    try queryKeyValue.pack(weights(layer.queryKeyValue.weights))
    try output.pack(weights(layer.output.weights))
    try gateUp.pack(weights(layer.gateUp.weights))
    try down.pack(weights(layer.down.weights))
  }

  /// Computes queries, keys and values of x into the buffers, and stores keys and values in the tokens' caches.
  func readKeys(
    _ x: Tensor, layer: Int, places: TokenPlaces, angles: RotaryAngles?, config: LlamaConfig, _ format: WeightFormat,
    _ buffers: LayerBuffers
  ) throws {
    let qkv = buffers.queryKeyValue
    let (H, K, S) = (config.headCount, config.keyHeadCount, config.headSize)
    let h = try normalized(x, by: attentionNorm, config, buffers)
    try queryKeyValue.multiply(h, into: qkv, buffers.packed)
    try add(queryKeyValueBias, to: qkv)
    try normalizeHeads(of: qkv, by: queryNorm, from: 0, count: H * S, config)
    try normalizeHeads(of: qkv, by: keyNorm, from: H * S, count: K * S, config)
    try angles?.rotate(qkv, heads: H + K, headSize: S, direction: 1)
    try places.store(qkv, layer: layer, config: config, format)
  }

  /// Adds the layer's contributions to x, whose queries are in the buffers.
  func forward(
    _ x: Tensor, layer: Int, places: TokenPlaces, config: LlamaConfig, _ format: WeightFormat, _ buffers: LayerBuffers
  ) throws {
    try places.attend(buffers.queryKeyValue, layer: layer, config: config, format, into: buffers.attended)
    try add(output, outputBias, of: buffers.attended, by: outputNorm, to: x, config, buffers)

    let h = try normalized(x, by: feedForwardNorm, config, buffers)
    try gateUp.multiply(h, into: buffers.gates, buffers.packed)
    try add(gateUpBias, to: buffers.gates)
    try activation.forward(buffers.gates, into: buffers.activated)
    try add(down, downBias, of: buffers.activated, by: downNorm, to: x, config, buffers)
  }

  /// x after a norm, or x itself where there is none.
  private func normalized(_ x: Tensor, by norm: Tensor?, _ config: LlamaConfig, _ buffers: LayerBuffers) throws
    -> Tensor
  {
    guard let norm else { return x }
    try normalize(x, by: norm, offset: normOffset, config, into: buffers.normalized, scale: buffers.scale)
    return buffers.normalized
  }

  /// x += r · norm(y · Wᵀ + b); in most families at once, without norm and r.
  private func add(
    _ weights: WeightMatrix, _ bias: Tensor?, of y: Tensor, by norm: Tensor?, to x: Tensor, _ config: LlamaConfig,
    _ buffers: LayerBuffers
  ) throws {
    guard norm != nil || factor != 1 else {
      try weights.multiply(y, into: x, buffers.packed, adding: true)
      return try add(bias, to: x)
    }
    let change = buffers.change
    try weights.multiply(y, into: change, buffers.packed)
    try add(bias, to: change)
    let scaled = try normalized(change, by: norm, config, buffers)
    try parallel(x.count, grain: 1 << 14) { range in
      ck_add_scaled(x.floats, scaled.floats, factor, x.floats, Int64(range.lowerBound), Int64(range.upperBound))
    }
  }

  /// Normalizes runs of so many numbers as the weight has, from a place in each row on.
  private func normalizeHeads(
    of qkv: Tensor, by weight: Tensor?, from start: Int, count: Int, _ config: LlamaConfig
  ) throws {
    guard let weight else { return }
    let factors = try normFactors(weight, offset: normOffset)
    try parallel(qkv.shape[0], grain: 16) { rows in
      ck_head_norm_forward(
        qkv.floats + start, factors.floats, nil, nil, Int64(qkv.shape[1]), Int64(count / weight.count),
        Int64(weight.count), Float(config.rmsNormEpsilon), Int64(rows.lowerBound), Int64(rows.upperBound))
    }
  }

  private func add(_ bias: Tensor?, to y: Tensor) throws {
    guard let bias else { return }
    try parallel(y.shape[0], grain: 64) { rows in
      ck_add_bias(y.floats, bias.floats, Int64(y.shape[1]), Int64(rows.lowerBound), Int64(rows.upperBound))
    }
  }
}

/// y = RMSNorm(x) · (weight + offset), row by row.
func normalize(
  _ x: Tensor, by weight: Tensor, offset: Float, _ config: LlamaConfig, into y: Tensor, scale: Tensor
) throws {
  let factors = try normFactors(weight, offset: offset)
  try parallel(x.shape[0], grain: 16) { rows in
    ck_rms_norm_forward(
      x.floats, factors.floats, y.floats, scale.floats, Int64(x.shape[1]), Float(config.rmsNormEpsilon),
      Int64(rows.lowerBound), Int64(rows.upperBound))
  }
}
