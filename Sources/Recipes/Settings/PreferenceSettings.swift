import Objectives
import Wording

/// What pairs are trained towards.
public struct PreferenceSettings: SettingGroup {
  /// The preference loss, or several.
  public var loss = [PreferenceLoss.sigmoid]
  /// How much each loss counts; 1 without it.
  public var lossWeights: [Double]?
  /// How strongly the model is held to the reference (β).
  public var beta = 0.1
  /// The share of labels taken to be wrong (ε).
  public var labelSmoothing = 0.0
  /// Whether IPO sums log-ratios instead of averaging them over tokens.
  public var ipoSums = false
  /// The target margin of SimPO and AlphaPO (γ).
  public var simpoGamma = 0.5
  /// The same as a multiple of β.
  public var simpoGammaRatio: Double?
  /// The shape of AlphaPO's reward (α).
  public var alphapoAlpha = 0.25
  /// How much the chosen answer's likelihood counts in CPO (α).
  public var cpoAlpha = 1.0
  /// Whether ORPO's likelihood is that of the prompt too.
  public var orpoPromptLoss = false
  /// The divergence that holds the model to the reference.
  public var fDivergence = FDivergence.reverseKL
  /// The α of the α-divergence.
  public var fAlpha = 0.5
  /// How much tokens beyond the shorter answer's length count (LD-DPO).
  public var ldAlpha: Double?
  /// Whether pairs count as much as their answers are like the model's own (WPO).
  public var wpo = false
  /// Whether there is no reference model.
  public var referenceFree = false
  /// The steps after each of which the reference follows the model (TR-DPO).
  public var referenceSyncSteps: Int?
  /// The model's share in what the reference then becomes (α).
  public var referenceSyncAlpha = 0.6
  /// The reference model; the model as it is before training without it.
  public var reference: String?

  /// DPO's own loss.
  public init() {}

  /// What the reference is, as all methods have it.
  static let referenceHelp: Wording =
    "The reference model, given as for \(setting: "model"). By default \(setting: "model") as it is before training."

  /// The settings.
  public static let settings: [Setting<Self>] = [
    Setting(
      "loss", \.loss,
      "The preference loss; sigmoid is DPO's own. Several, with commas between them, are added up. TRL's names are taken too.",
      isRecorded: { _ in true }),
    Setting(
      "loss-weights", \.lossWeights,
      "How much each of several losses counts, with commas between them; 1 each without it. MPO is 0.8,0.2,1 for \(setting: "loss") sigmoid,bco-pair,sft.",
      valueName: "numbers"),
    Setting(
      "beta", \.beta,
      "How strongly the model is held to the reference. The paper of simpo has 2 to 10; that of ipo calls it τ, that of orpo λ."
    ),
    Setting(
      "label-smoothing", \.labelSmoothing,
      """
      The share of labels taken to be wrong, for \(takers("label-smoothing")): unbiased with robust, needed by exo-pair, and \
      otherwise as in conservative DPO. TRL 1.16 ignores it with sigmoid and dpo-norm.
      """),
    Setting(
      recordedWhereSet: "ipo-sums", \.ipoSums,
      "Sum log-ratios in ipo, as its paper writes, instead of averaging them over an answer's tokens, as TRL does."),
    Setting(
      "simpo-gamma", \.simpoGamma,
      "The margin that simpo and alphapo aim at, not multiplied by β, as in their papers and TRL.",
      isRecorded: { $0.takes("simpo-gamma") && $0.simpoGammaRatio == nil }),
    Setting(
      "simpo-gamma-ratio", \.simpoGammaRatio,
      "The same as a multiple of β, as in the authors' program (gamma_beta_ratio, 0.3 to 1.6).", valueName: "number",
      .notNegative),
    Setting(
      "alphapo-alpha", \.alphapoAlpha,
      "The α of the reward in alphapo: above 0 unlikely answers count more, with 0 it is simpo. The paper has 0.25, TRL 0.",
      valueName: "number", isRecorded: { $0.takes("alphapo-alpha") }),
    Setting(
      "cpo-alpha", \.cpoAlpha, "How much the chosen answer's likelihood counts in cpo.",
      isRecorded: { $0.loss.contains(.cpo) }),
    Setting(
      recordedWhereSet: "orpo-prompt-loss", \.orpoPromptLoss,
      "Let the likelihood in orpo be that of the prompt too, as TRL has it; by default it is the answer's, as in the paper."
    ),
    Setting(
      "f-divergence", \.fDivergence,
      "What holds the model to the reference, for losses of a margin. DPO's own is the reverse KL.",
      isRecorded: { $0.fDivergence != .reverseKL }),
    Setting(
      "f-alpha", \.fAlpha,
      "The α of alpha-divergence: 1 is the reverse KL, 0 the forward one.",
      isRecorded: { $0.fDivergence == .alpha }),
    Setting(
      "ld-alpha", \.ldAlpha,
      "How much the tokens count by which an answer is longer than the other, from 0 to 1 (LD-DPO). Without it, fully.",
      valueName: "number"),
    Setting(
      recordedWhereSet: "wpo", \.wpo,
      "Let pairs count as much as their answers are like what the model itself would say (WPO; TRL's use_weighting)."),
    Setting(
      recordedWhereSet: "reference-free", \.referenceFree,
      "Compare with no reference: log-probabilities take the place of log-ratios."),
    Setting(
      "reference", \.reference, referenceHelp, valueName: "folder"),
    Setting(
      "reference-sync-steps", \.referenceSyncSteps,
      "Let the reference follow the model after every so many steps (TR-DPO). It then stays in memory, and scores each step.",
      valueName: "steps", Rule("at least 1") { $0 >= 1 }),
    Setting(
      "reference-sync-alpha", \.referenceSyncAlpha,
      "The model's share in what the reference then becomes; the rest is its own.",
      Rule("greater than 0 and at most 1") { $0 > 0 && $0 <= 1 }, isRecorded: { $0.referenceSyncSteps != nil }),
  ]

  /// Whether one of the losses takes a setting.
  func takes(_ setting: String) -> Bool { loss.contains { $0.takes(setting) } }

  /// The losses that take a setting, as a list.
  private static func takers(_ setting: String) -> String {
    PreferenceLoss.allCases.filter { $0.takes(setting) }.map(\.rawValue).joined(separator: ", ")
  }

  /// Each loss, with what it is.
  public static var losses: [(name: String, summary: String)] {
    PreferenceLoss.allCases.map { ($0.rawValue, $0.summary) }
  }
}
