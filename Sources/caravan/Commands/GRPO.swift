import ArgumentParser
import Recipes

/// `caravan grpo`: aligns a model with groups of its own answers.
struct GRPO: TrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "grpo",
    abstract: "Aligns a model with groups of its own answers and what they are worth (GRPO).",
    usage: "caravan grpo --model <folder> --data <path> ... --reward <name> ... --output <folder> [<options>]",
    discussion: """
      The data are prompts: 'prompt', a text or a list of messages, or 'messages'; rewards may read the other columns. In \
      each step the model answers some of them several times, as it is by then. It learns to do more of what was worth \
      more than the mean of its group, and less of what was worth less. Variants differ in how tokens add up: --loss.

      Examples:
        caravan grpo --model sft --data math.jsonl --reward gsm8k --output run
        caravan grpo --model sft --data p.jsonl --reward judge --output run
        caravan grpo --config run/config.yaml --output run --resume

      \(onlineOutput)
      """)

  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Data") var data: Options<DataSettings>
  @OptionGroup(title: "Data") var mixture: Options<MixtureSettings>
  @OptionGroup(title: "Evaluation") var heldOut: Options<HeldOutSettings>
  @OptionGroup(title: "Rewards") var answerReward: Options<AnswerRewardSettings>
  @OptionGroup(title: "Rollouts") var rollout: Options<GroupRolloutSettings>
  @OptionGroup(title: "Loss") var policy: Options<GroupPolicySettings>
  @OptionGroup(title: "Loss") var update: Options<PolicyUpdateSettings>
  @OptionGroup(title: "Adapter") var adapter: Options<AdapterSettings>
  @OptionGroup(title: "Training") var pace: Options<OnlinePace>
  @OptionGroup(title: "Training") var optimization: Options<OptimizationSettings>
  @OptionGroup(title: "Run") var saving: Options<SavingSettings>
  @OptionGroup(title: "Run") var config: ConfigOption
  @OptionGroup(title: "Sweep") var sweep: SweepOptions
  @OptionGroup(title: "Machine") var machine: ComputeOptions
  @OptionGroup(title: "Machine") var ranks: Options<RankSettings>

  var recipe: GRPORecipe {
    var recipe = commonRecipe
    recipe.answerReward = answerReward.group
    recipe.rollout = rollout.group
    recipe.policy = policy.group
    recipe.update = update.group
    return recipe
  }
}
