import ModelFiles
import Torch

/// What a layer computes on its way for the N tokens of a step. All layers use the same memory, one after the other: asking for it
/// anew in each would be most of a small model's step.
struct LayerBuffers {
  /// x after a norm, N×D.
  let normalized: Tensor
  /// The norm's factors, one a row.
  let scale: Tensor
  /// What is added to x, where it is not added at once, N×D; else without rows.
  let change: Tensor
  /// N × (H+2K)·S.
  let queryKeyValue: Tensor
  /// N × H·S.
  let attended: Tensor
  /// N×2F.
  let gates: Tensor
  /// N×F.
  let activated: Tensor
  /// A product's inputs in the weights' format.
  let packed: PackedInputs

  init(tokens N: Int, _ config: LlamaConfig, _ format: WeightFormat) throws {
    let (D, F, H) = (config.hiddenSize, config.feedForwardSize, config.headCount * config.headSize)
    normalized = try Tensor(uninitialized: [N, D])
    scale = try Tensor(uninitialized: [N])
    let addsAtOnce = config.family.norms == .before && config.multipliers.residual == 1
    change = try Tensor(uninitialized: [addsAtOnce ? 0 : N, D])
    queryKeyValue = try Tensor(uninitialized: [N, H + 2 * config.keyHeadCount * config.headSize])
    attended = try Tensor(uninitialized: [N, H])
    gates = try Tensor(uninitialized: [N, 2 * F])
    activated = try Tensor(uninitialized: [N, F])
    packed = try PackedInputs(rows: N, columns: max(D, F, H), format)
  }
}
