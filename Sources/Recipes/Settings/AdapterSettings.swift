import JSON
import Llama
import ModelFiles
import Torch
import Training
import Wording

/// An adapter that is trained while the model's own weights are frozen (LoRA: Hu et al. 2021, arXiv 2106.09685).
///
/// All seven matrices of a layer, and ten times the rate of full training, are what "LoRA Without Regret" (Schulman 2025) finds best.
public struct AdapterSettings: SettingGroup {
  /// The rank of a new adapter's matrices; nil for none.
  public var loraRank: Int?
  /// What scales a new adapter, divided by its rank (α); nil for twice the rank, as in TRL.
  public var loraAlpha: Double?
  /// The matrices that a new adapter changes.
  public var loraTarget = AdapterTargets.all
  /// The probability with which training leaves out an input of a new adapter.
  public var loraDropout = 0.0
  /// How the frozen weights are kept.
  public var baseType = BaseType.auto
  /// How models are kept that a run only asks: a reference of its own, and reward models.
  public var frozenType = BaseType.float32

  /// How weights are kept that do not train.
  public enum BaseType: String, CaseIterable, SettingValue {
    case auto, float32, bfloat16, int8, nf4

    /// The format; nil where it is to be found by how they are stored.
    package var format: FrozenFormat? { FrozenFormat(rawValue: rawValue) }

    /// The format for a model.
    func format(of folder: ModelFolder) throws -> FrozenFormat {
      try format ?? FrozenWeights.exactFormat(folder.openWeights(), of: folder.config)
    }

    /// Bytes of a model that is kept so.
    func byteCount(_ folder: ModelFolder) throws -> Int {
      try FrozenWeights.byteCount(folder.openWeights(), of: folder.config, format: format(of: folder))
    }
  }

  /// No adapter: all weights train.
  public init() {}

  /// How a run gets to where it ends.
  public static var meaning: SettingMeaning { .course }

  /// The settings.
  public static let settings: [Setting<Self>] = [
    Setting(
      "lora-rank", \.loraRank,
      """
      Train a LoRA adapter of this rank and leave the model's own weights as they are. The learning rate is by default ten times \
      that of full training.
      """, valueName: "rank", Rule("from 1 to 65536") { (1...65536).contains($0) }),
    Setting(
      "lora-alpha", \.loraAlpha, "What scales the adapter, divided by its rank. By default twice the rank, as in TRL.",
      valueName: "alpha", Rule("greater than 0 and at most 1000000") { $0 > 0 && $0 <= 1e6 }),
    Setting(
      "lora-target", \.loraTarget,
      """
      The matrices that the adapter changes: all of each layer, those of the attention, or names such as q_proj,v_proj. All \
      of them learn better than those of the attention alone (Schulman 2025, "LoRA Without Regret").
      """, valueName: "matrices", isRecorded: { $0.loraRank != nil }),
    Setting(
      "lora-dropout", \.loraDropout, "The probability with which training leaves out an input of the adapter.",
      valueName: "p", Rule("at least 0 and less than 1") { (0..<1).contains($0) }, isRecorded: { $0.loraRank != nil }),
    Setting(
      "base-type", \.baseType,
      """
      How the weights are kept that an adapter leaves as they are: float32; bfloat16, in half the memory; int8, in a quarter; \
      nf4, in an eighth (QLoRA). Products have the widened numbers. auto keeps bfloat16 and NF4 as they are \
      stored, and everything else in float32: no number changes.
      """, isRecorded: { $0.baseType != .auto }),
    Setting(
      "frozen-type", \.frozenType,
      """
      How models are kept that training only asks: a reference that is another model or does not move with all weights, and \
      reward models. The same words as for \(setting: "base-type").
      """, isRecorded: { $0.frozenType != .float32 }),
  ]

  /// Nothing can be said of an adapter that is not asked for.
  public func checkTogether() throws {
    guard loraRank == nil else { return }
    guard loraAlpha == nil, loraTarget == .all, loraDropout == 0 else {
      let name = loraAlpha != nil ? "lora-alpha" : loraTarget != .all ? "lora-target" : "lora-dropout"
      throw SettingError("\(setting: name) is for a new adapter, and needs \(setting: "lora-rank")")
    }
  }

  /// What a new adapter is like; nil where none was asked for.
  /// - Parameter scoring: whether it is to be a reward model's.
  package func config(base: String, of model: LlamaConfig, scoring: Bool = false) -> AdapterConfig? {
    loraRank.map {
      AdapterConfig(
        base: base, rank: $0, alpha: loraAlpha ?? Double(2 * $0), targets: loraTarget.names(in: model),
        dropout: loraDropout, scoring: scoring)
    }
  }
}
