import ArgumentParser
import Recipes

/// `caravan kto`: aligns a model with answers that are rated good or bad.
struct KTO: TrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "kto",
    abstract: "Aligns a model with single answers that are rated good or bad (KTO).",
    usage: "caravan kto --model <folder> --data <path> ... --output <folder> [<options>]",
    discussion: """
      Each record has a 'prompt', a 'completion', as texts or as lists of messages, and a 'label': true or 1 where the \
      answer is good, false or 0 where it is bad. A pair, with 'chosen' and 'rejected', is taken as two. What 'caravan \
      serve' writes to --ratings and --votes can be given as it is.

      The order is shuffled once, and batches then stay the same, since KTO's z is estimated within them.

      Examples:
        caravan kto --model assistant-sft --data ratings.jsonl --output assistant-kto
        caravan kto --model sft --data votes.jsonl --output run --eval-fraction 0.1
        caravan kto --config run/config.yaml --output run --resume

      The output folder holds the trained model with its card (README.md), a line of metrics for each step \
      (metrics.jsonl, and tensorboard/), the options (config.yaml) and the newest checkpoints. Ctrl-C saves one.
      """)

  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Data") var data: Options<DataSettings>
  @OptionGroup(title: "Data") var mixture: Options<MixtureSettings>
  @OptionGroup(title: "Evaluation") var heldOut: Options<HeldOutSettings>
  @OptionGroup(title: "Loss") var rating: Options<KTOSettings>
  @OptionGroup(title: "Adapter") var adapter: Options<AdapterSettings>
  @OptionGroup(title: "Training") var pace: Options<DPOPace>
  @OptionGroup(title: "Training") var optimization: Options<OptimizationSettings>
  @OptionGroup(title: "Run") var saving: Options<SavingSettings>
  @OptionGroup(title: "Run") var config: ConfigOption
  @OptionGroup(title: "Sweep") var sweep: SweepOptions
  @OptionGroup(title: "Machine") var machine: ComputeOptions
  @OptionGroup(title: "Machine") var ranks: Options<RankSettings>

  var recipe: KTORecipe {
    var recipe = commonRecipe
    recipe.rating = rating.group
    return recipe
  }
}
