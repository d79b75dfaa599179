import ArgumentParser
import Recipes

/// `caravan ppo`: aligns a model with its own answers and a value model.
struct PPO: TrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "ppo",
    abstract: "Aligns a model with its own answers, what they are worth and a value model (PPO).",
    usage: "caravan ppo --model <folder> --data <path> ... --reward <name> ... --output <folder> [<options>]",
    discussion: """
      The data are prompts: 'prompt', a text or a list of messages, or 'messages'. In each step the model answers some of \
      them, as it is by then; rewards say what the answers are worth, and leaving the reference costs something at each \
      token. A value model, which begins as the reward model, learns what was to be expected, and the model learns from \
      the difference.

      --as tulu-2.5 sets what made the authors' models, and --as trl what TRL's PPOTrainer does (its last version was \
      1.12); other options override them. The authors' code has two more accidents that no option of theirs shows: \
      prompts begin without the beginning-of-text token (--bos never), and tokens are chosen among 50 (--top-k 50).

      Examples:
        caravan ppo --model sft --data prompts.jsonl --reward judge --output run
        caravan ppo --as tulu-2.5 --model sft --data p.jsonl --reward rm --output run
        caravan ppo --config run/config.yaml --output run --resume

      The output folder holds the trained model with its card (README.md), the value model (value/), a line of metrics \
      for each step (metrics.jsonl, and tensorboard/), all answers with their rewards (samples.jsonl), a page of both \
      (run.html), the options (config.yaml) and the newest checkpoints. Ctrl-C saves one.
      """)

  @Option(
    help: ArgumentHelp(
      "Whose way of PPO the defaults are: tulu-2.5 or trl. By default Tulu 2.5's where that is good for any run.",
      valueName: "name"))
  var `as`: PPORecipe.Preset?

  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Data") var data: Options<DataSettings>
  @OptionGroup(title: "Data") var mixture: Options<MixtureSettings>
  @OptionGroup(title: "Evaluation") var heldOut: Options<HeldOutSettings>
  @OptionGroup(title: "Rewards") var answerReward: Options<AnswerRewardSettings>
  @OptionGroup(title: "Rollouts") var rollout: Options<PPORolloutSettings>
  @OptionGroup(title: "Loss") var policy: Options<PPOSettings>
  @OptionGroup(title: "Loss") var update: Options<PolicyUpdateSettings>
  @OptionGroup(title: "Adapter") var adapter: Options<AdapterSettings>
  @OptionGroup(title: "Training") var pace: Options<PPOPace>
  @OptionGroup(title: "Training") var optimization: Options<OptimizationSettings>
  @OptionGroup(title: "Run") var saving: Options<SavingSettings>
  @OptionGroup(title: "Run") var config: ConfigOption
  @OptionGroup(title: "Sweep") var sweep: SweepOptions
  @OptionGroup(title: "Machine") var machine: ComputeOptions
  @OptionGroup(title: "Machine") var ranks: Options<RankSettings>

  var recipe: PPORecipe {
    var recipe = commonRecipe
    recipe.answerReward = answerReward.group
    recipe.rollout = rollout.group
    recipe.policy = policy.group
    recipe.update = update.group
    return recipe
  }
}

extension PPORecipe.Preset: ExpressibleByArgument {}
