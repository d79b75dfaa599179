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
  let output: WeightMatrix
  let outputBias: Tensor?
  let feedForwardNorm: Tensor
  /// Gate and up: 2F×D.
  let gateUp: WeightMatrix
  let gateUpBias: Tensor?
  let down: WeightMatrix
  let downBias: Tensor?

  init(
    _ config: LlamaConfig, _ format: WeightFormat, layer: Int, weights: ([String]) throws -> Tensor?
  ) throws {
    func names(_ parts: [String], _ kind: String) -> [String] { parts.map { "model.layers.\(layer).\($0).\(kind)" } }
    func required(_ parts: String...) throws -> Tensor {
      guard let tensor = try weights(names(parts, "weight")) else {
        throw InferenceError("the model has no \(names(parts, "weight").joined(separator: ", "))")
      }
      return tensor
    }
    let attention = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"]
    let gates = ["mlp.gate_proj", "mlp.up_proj"]
    attentionNorm = try required("input_layernorm")
    queryKeyValue = try WeightMatrix(required(attention[0], attention[1], attention[2]), format: format)
    queryKeyValueBias = try weights(names(attention, "bias"))
    output = try WeightMatrix(required("self_attn.o_proj"), format: format)
    outputBias = try weights(names(["self_attn.o_proj"], "bias"))
    feedForwardNorm = try required("post_attention_layernorm")
    gateUp = try WeightMatrix(required(gates[0], gates[1]), format: format)
    gateUpBias = try weights(names(gates, "bias"))
    down = try WeightMatrix(required("mlp.down_proj"), format: format)
    downBias = try weights(names(["mlp.down_proj"], "bias"))
  }

  /// Adds the layer's contributions to x, and the tokens' keys and values to their caches.
  func forward(
    _ x: Tensor, layer: Int, places: TokenPlaces, angles: RotaryAngles, config: LlamaConfig, _ format: WeightFormat,
    _ buffers: LayerBuffers
  ) throws {
    let (h, qkv, packed) = (buffers.normalized, buffers.queryKeyValue, buffers.packed)
    try normalize(x, by: attentionNorm, config, into: h, scale: buffers.scale)
    try queryKeyValue.multiply(h, into: qkv, packed)
    try add(queryKeyValueBias, to: qkv)
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
