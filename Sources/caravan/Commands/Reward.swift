import ArgumentParser
import Recipes

/// `caravan reward`: trains a model that scores answers.
struct Reward: TrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "reward",
    abstract: "Trains a reward model, which scores answers, with pairs of better and worse ones.",
    usage: "caravan reward --model <folder> --data <path> ... --output <folder> [<options>]",
    discussion: """
      The data are those of 'caravan dpo': pairs of answers to the same prompt. A number in a column 'margin' is by how \
      much the better answer's reward should exceed the worse one's. The model to begin from is a language model, as a \
      rule the one that will be aligned; its projection to the vocabulary gives way to one row that makes the score. \
      A reward is read at the token that ends the answer. Pairs longer than --max-length are left out and counted, as an \
      answer without its end is no answer that was judged.

      Examples:
        caravan reward --model assistant-sft --data pairs.jsonl --output judge
        caravan reward --model judge --data more.jsonl --output judge-2
        caravan score --model judge --data answers.jsonl

      The output folder holds the reward model with its card (README.md), as transformers and TRL load it for sequence \
      classification, a line of metrics for each step (metrics.jsonl, and tensorboard/), the options (config.yaml) and \
      the newest checkpoints. Ctrl-C saves one.
      """)

  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Data") var data: Options<DataSettings>
  @OptionGroup(title: "Data") var mixture: Options<MixtureSettings>
  @OptionGroup(title: "Evaluation") var heldOut: Options<HeldOutSettings>
  @OptionGroup(title: "Loss") var reward: Options<RewardSettings>
  @OptionGroup(title: "Adapter") var adapter: Options<AdapterSettings>
  @OptionGroup(title: "Training") var pace: Options<RewardPace>
  @OptionGroup(title: "Training") var optimization: Options<OptimizationSettings>
  @OptionGroup(title: "Run") var saving: Options<SavingSettings>
  @OptionGroup(title: "Run") var config: ConfigOption
  @OptionGroup(title: "Sweep") var sweep: SweepOptions
  @OptionGroup(title: "Machine") var machine: ComputeOptions
  @OptionGroup(title: "Machine") var ranks: Options<RankSettings>

  var recipe: RewardRecipe {
    var recipe = commonRecipe
    recipe.reward = reward.group
    return recipe
  }
}
