import CKernels
import Llama
import ModelFiles
import Torch

/// One layer of the decoder: x += attention(norm(x)), then x += feedForward(norm(x)).
///
/// Shapes: x is N×D for the N tokens of a step, which may belong to many sequences.
struct InferenceLayer {
  let attentionNorm: Tensor
  /// Queries, keys and values: (H+2K)·S × D.
  let queryKeyValue: WeightMatrix
  let queryKeyValueBias: Tensor?
  /// The norms of queries' and keys' heads, S.
  let queryNorm: Tensor?
  let keyNorm: Tensor?
  let output: WeightMatrix
  let outputBias: Tensor?
  let feedForwardNorm: Tensor
  /// Gate and up: 2F×D.
  let gateUp: WeightMatrix
  let gateUpBias: Tensor?
  let down: WeightMatrix
  let downBias: Tensor?

  init(
    _ layer: Architecture.Layer, matrix: ([Architecture.Tensor]) throws -> WeightMatrix,
    vector: ([Architecture.Tensor]) throws -> Tensor
  ) throws {
    func linear(_ linear: Architecture.Linear) throws -> (WeightMatrix, bias: Tensor?) {
      (try matrix(linear.weights), try linear.biases.isEmpty ? nil : vector(linear.biases))
    }
    attentionNorm = try vector([layer.attentionNorm])
    (queryKeyValue, queryKeyValueBias) = try linear(layer.queryKeyValue)
    queryNorm = try layer.queryNorm.map { try vector([$0]) }
    keyNorm = try layer.keyNorm.map { try vector([$0]) }
    (output, outputBias) = try linear(layer.output)
    feedForwardNorm = try vector([layer.feedForwardNorm])
    (gateUp, gateUpBias) = try linear(layer.gateUp)
    (down, downBias) = try linear(layer.down)
  }

  /// Packs the matrices again; vectors are float32, and shared.
  func refresh(_ layer: Architecture.Layer, weights: ([Architecture.Tensor]) throws -> Tensor) throws {
    try queryKeyValue.pack(weights(layer.queryKeyValue.weights))
    try output.pack(weights(layer.output.weights))
    try gateUp.pack(weights(layer.gateUp.weights))
    try down.pack(weights(layer.down.weights))
  }

  /// Adds the layer's contributions to x, and the tokens' keys and values to their caches.
  func forward(
    _ x: Tensor, layer: Int, places: TokenPlaces, angles: RotaryAngles, config: LlamaConfig, _ format: WeightFormat,
    _ buffers: LayerBuffers
  ) throws {
    let epsilon = Float(config.rmsNormEpsilon)
    let (h, qkv, packed) = (buffers.normalized, buffers.queryKeyValue, buffers.packed)
    try normalize(x, by: attentionNorm, config, into: h, scale: buffers.scale)
    try queryKeyValue.multiply(h, into: qkv, packed)
    try add(queryKeyValueBias, to: qkv)
    try normalizeHeads(of: qkv, by: queryNorm, from: 0, count: config.headCount, epsilon: epsilon)
    try normalizeHeads(
      of: qkv, by: keyNorm, from: config.headCount, count: config.keyHeadCount, epsilon: epsilon)
    try angles.rotate(qkv, heads: config.headCount + config.keyHeadCount, headSize: config.headSize, direction: 1)
    try places.attend(qkv, layer: layer, config: config, format, into: buffers.attended)
    try output.multiply(buffers.attended, into: x, packed, adding: true)
    try add(outputBias, to: x)

    try normalize(x, by: feedForwardNorm, config, into: h, scale: buffers.scale)
    try gateUp.multiply(h, into: buffers.gates, packed)
    try add(gateUpBias, to: buffers.gates)
    try parallel(x.shape[0], grain: 8) { rows in
      ck_swiglu_forward(
        buffers.gates.floats, buffers.activated.floats, Int64(down.columns), Int64(rows.lowerBound),
        Int64(rows.upperBound))
    }
    try down.multiply(buffers.activated, into: x, packed, adding: true)
    try add(downBias, to: x)
  }

  private func normalizeHeads(
    of qkv: Tensor, by weight: Tensor?, from firstHead: Int, count: Int, epsilon: Float
  ) throws {
    guard let weight else { return }
    try parallel(qkv.shape[0], grain: 16) { rows in
      ck_head_norm_forward(
        qkv.floats + firstHead * weight.count, weight.floats, nil, nil, Int64(qkv.shape[1]), Int64(count),
        Int64(weight.count), epsilon, Int64(rows.lowerBound), Int64(rows.upperBound))
    }
  }

  private func add(_ bias: Tensor?, to y: Tensor) throws {
    guard let bias else { return }
    try parallel(y.shape[0], grain: 64) { rows in
      ck_add_bias(y.floats, bias.floats, Int64(y.shape[1]), Int64(rows.lowerBound), Int64(rows.upperBound))
    }
  }
}

/// y = RMSNorm(x) · weight, row by row.
func normalize(_ x: Tensor, by weight: Tensor, _ config: LlamaConfig, into y: Tensor, scale: Tensor) throws {
  try parallel(x.shape[0], grain: 16) { rows in
    ck_rms_norm_forward(
      x.floats, weight.floats, y.floats, scale.floats, Int64(x.shape[1]), Float(config.rmsNormEpsilon),
      Int64(rows.lowerBound), Int64(rows.upperBound))
  }
}
