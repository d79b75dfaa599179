import ArgumentParser
import Recipes

/// `caravan sft`: teaches a model from conversations.
struct SFT: TrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "sft",
    abstract: "Teaches a model from conversations (supervised fine-tuning).",
    usage: "caravan sft --model <folder> --data <path> ... --output <folder> [<options>]",
    discussion: """
      Each record has 'messages', a list of {"role", "content"}, or a 'prompt' and a 'completion'. The model \
      learns all that the assistant says. The defaults are those of Tulu 2.

      Examples:
        caravan sft --model llama-2-7b --data chats.jsonl --output assistant-sft
        caravan sft --model llama-2-7b --data a.jsonl b.jsonl.gz more/ --output run
        caravan sft --config run/config.yaml --output run --resume

      The output folder holds the trained model with its card (README.md), a line of metrics for each step \
      (metrics.jsonl, and tensorboard/), the options (config.yaml) and the newest checkpoints. Ctrl-C saves one.
      """)

  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Data") var data: Options<DataSettings>
  @OptionGroup(title: "Data") var mixture: Options<MixtureSettings>
  @OptionGroup(title: "Evaluation") var heldOut: Options<HeldOutSettings>
  @OptionGroup(title: "Loss") var supervision: Options<SupervisedSettings>
  @OptionGroup(title: "Adapter") var adapter: Options<AdapterSettings>
  @OptionGroup(title: "Training") var pace: Options<SFTPace>
  @OptionGroup(title: "Training") var optimization: Options<OptimizationSettings>
  @OptionGroup(title: "Run") var saving: Options<SavingSettings>
  @OptionGroup(title: "Run") var config: ConfigOption
  @OptionGroup(title: "Sweep") var sweep: SweepOptions
  @OptionGroup(title: "Machine") var machine: ComputeOptions
  @OptionGroup(title: "Machine") var ranks: Options<RankSettings>

  var recipe: SFTRecipe {
    var recipe = commonRecipe
    recipe.supervision = supervision.group
    return recipe
  }
}
