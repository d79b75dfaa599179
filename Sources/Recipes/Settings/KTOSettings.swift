import Objectives
import Wording

/// What rated answers are trained towards by KTO.
public struct KTOSettings: SettingGroup {
  /// The loss.
  public var loss = KTOLoss.Kind.kto
  /// How strongly the model is held to the reference (β).
  public var beta = 0.1
  /// How much good answers count (λ_D).
  public var desirableWeight = 1.0
  /// How much bad answers count (λ_U).
  public var undesirableWeight = 1.0
  /// How many consecutive records of a batch share a z; all of them without it.
  public var klBatchSize: Int?
  /// The reference model; the model as it is before training without it.
  public var reference: String?

  /// KTO's own loss.
  public init() {}

  /// The settings.
  public static let settings: [Setting<Self>] = [
    Setting("loss", \.loss, "The loss of an answer: KTO's own, or apo_zero_unpaired, which does without z."),
    Setting("beta", \.beta, "How strongly the model is held to the reference."),
    Setting("desirable-weight", \.desirableWeight, "How much good answers count."),
    Setting("undesirable-weight", \.undesirableWeight, "How much bad answers count."),
    Setting(
      "kl-batch-size", \.klBatchSize,
      """
      How many consecutive records of a batch share KTO's z, which is estimated from their answers under each other's prompts. \
      Without it the whole batch does, as the paper has it; TRL's per_device_train_batch_size gives TRL's z.
      """,
      valueName: "count", Rule("at least 2") { $0 >= 2 }),
    Setting(
      "reference", \.reference,
      "The reference model, given as for \(setting: "model"). By default \(setting: "model") as it is before training.",
      valueName: "folder"),
  ]

  /// The loss has a say in what its parameters may be.
  public func checkTogether() throws {
    _ = try ktoLoss
    guard klBatchSize == nil || loss.needsDivergence else {
      throw SettingError(
        "\(setting: "kl-batch-size") has no meaning for \(setting: "loss") \(loss.rawValue); leave it out")
    }
  }

  /// The loss with its parameters.
  public var ktoLoss: KTOLoss {
    get throws {
      try KTOLoss(loss, beta: beta, desirableWeight: desirableWeight, undesirableWeight: undesirableWeight)
    }
  }
}
