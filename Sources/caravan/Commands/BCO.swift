import ArgumentParser
import Recipes

/// `caravan bco`: aligns a model with answers that are rated good or bad, as a classifier of the two.
struct BCO: TrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "bco",
    abstract: "Aligns a model with single answers that are rated good or bad (BCO).",
    usage: "caravan bco --model <folder> --data <path> ... --output <folder> [<options>]",
    discussion: """
      The records are those of 'caravan kto'. The loss is a classifier's: a good answer's reward is to lie above the mean \
      of all rewards that training has seen, a bad one's below.

      Examples:
        caravan bco --model assistant-sft --data ratings.jsonl --output assistant-bco
        caravan bco --config run/config.yaml --output run --resume

      The output folder holds the trained model with its card (README.md), a line of metrics for each step \
      (metrics.jsonl, and tensorboard/), the options (config.yaml) and the newest checkpoints. Ctrl-C saves one.
      """)

  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Data") var data: Options<DataSettings>
  @OptionGroup(title: "Data") var mixture: Options<MixtureSettings>
  @OptionGroup(title: "Evaluation") var heldOut: Options<HeldOutSettings>
  @OptionGroup(title: "Loss") var rating: Options<BCOSettings>
  @OptionGroup(title: "Adapter") var adapter: Options<AdapterSettings>
  @OptionGroup(title: "Training") var pace: Options<DPOPace>
  @OptionGroup(title: "Training") var optimization: Options<OptimizationSettings>
  @OptionGroup(title: "Run") var saving: Options<SavingSettings>
  @OptionGroup(title: "Run") var config: ConfigOption
  @OptionGroup(title: "Sweep") var sweep: SweepOptions
  @OptionGroup(title: "Machine") var machine: ComputeOptions
  @OptionGroup(title: "Machine") var ranks: Options<RankSettings>

  var recipe: BCORecipe {
    var recipe = commonRecipe
    recipe.rating = rating.group
    return recipe
  }
}
