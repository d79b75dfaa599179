import ArgumentParser
import Recipes

/// `caravan online-dpo`: aligns a model with pairs of its own answers.
struct OnlineDPO: TrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "online-dpo",
    abstract: "Aligns a model with pairs of its own answers, which rewards compare (online DPO).",
    usage: "caravan online-dpo --model <folder> --data <path> ... --reward <name> ... --output <folder> [<options>]",
    discussion: """
      The data are prompts: 'prompt', a text or a list of messages, or 'messages'. In each step the model answers some of \
      them several times, as it is by then; the answer that is worth the most is chosen over the one that is worth the \
      least, and the model learns from these pairs as in 'caravan dpo'. Prompts whose answers are all worth the same \
      teach nothing and are counted.

      Examples:
        caravan online-dpo --model sft --data p.jsonl --reward judge --output run
        caravan online-dpo --model sft --data math.jsonl --reward math --output run
        caravan online-dpo --config run/config.yaml --output run --resume

      \(onlineOutput)
      """)

  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Data") var data: Options<DataSettings>
  @OptionGroup(title: "Data") var mixture: Options<MixtureSettings>
  @OptionGroup(title: "Evaluation") var heldOut: Options<HeldOutSettings>
  @OptionGroup(title: "Rewards") var answerReward: Options<AnswerRewardSettings>
  @OptionGroup(title: "Rewards") var missingEnd: Options<MissingEndSettings>
  @OptionGroup(title: "Rollouts") var rollout: Options<PairRolloutSettings>
  @OptionGroup(title: "Loss") var preference: Options<PreferenceSettings>
  @OptionGroup(title: "Adapter") var adapter: Options<AdapterSettings>
  @OptionGroup(title: "Training") var pace: Options<OnlineDPOPace>
  @OptionGroup(title: "Training") var optimization: Options<OptimizationSettings>
  @OptionGroup(title: "Run") var saving: Options<SavingSettings>
  @OptionGroup(title: "Run") var config: ConfigOption
  @OptionGroup(title: "Sweep") var sweep: SweepOptions
  @OptionGroup(title: "Machine") var machine: ComputeOptions
  @OptionGroup(title: "Machine") var ranks: Options<RankSettings>

  var recipe: OnlineDPORecipe {
    var recipe = commonRecipe
    recipe.answerReward = answerReward.group
    recipe.missingEnd = missingEnd.group
    recipe.rollout = rollout.group
    recipe.preference = preference.group
    return recipe
  }
}
