/// RLOO (Ahmadian et al. 2024, arXiv 2402.14740): REINFORCE with the mean of the group's other answers as its baseline, and what
/// leaving the reference costs taken off the reward. The defaults are those of TRL.
public struct RLOORecipe: GroupRecipe {
  /// The model, and how conversations are written for it.
  public var model = ModelSettings()
  /// The prompts.
  public var data = DataSettings()
  /// How much of each source of them an epoch takes.
  public var mixture = MixtureSettings()
  /// Prompts that are measured and never trained on.
  public var heldOut = HeldOutSettings()
  /// What answers are worth.
  public var answerReward = AnswerRewardSettings()
  /// The loss.
  public var policy = LeaveOneOutSettings()
  /// How far the policy may move from the one that answered.
  public var update = PolicyUpdateSettings()
  /// How prompts are answered.
  public var rollout = PairRolloutSettings()
  /// An adapter that is trained in the place of all weights.
  public var adapter = AdapterSettings()
  /// How long, in which batches, at which rate.
  public var pace = OnlinePace()
  /// How the model is moved along its gradients.
  public var optimization = OptimizationSettings()
  /// Where the run computes.
  public var machine = MachineSettings()
  /// How several processes share the work.
  public var ranks = RankSettings()
  /// Where it writes.
  public var saving = SavingSettings()

  /// The defaults.
  public init() {}

  /// The groups of settings.
  public static let groups: [RecipeGroup<Self>] = onlineGroups(with: RecipeGroup(\.policy), RecipeGroup(\.update))
}
