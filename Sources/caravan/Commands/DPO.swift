import ArgumentParser
import Recipes

/// `caravan dpo`: aligns a model with pairs of better and worse answers.
struct DPO: TrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "dpo",
    abstract: "Aligns a model with pairs of better and worse answers.",
    usage: "caravan dpo --model <folder> --data <path> ... --output <folder> [<options>]",
    discussion: """
      Each record has a 'prompt', a 'chosen' and a 'rejected' answer, as texts or as lists of messages; chosen and \
      rejected may also include the prompt. The defaults are those of Tulu 2.5.

      Examples:
        caravan dpo --model assistant-sft --data pairs.jsonl --output assistant-dpo
        caravan dpo --model sft --data pairs/ --output run --eval-fraction 0.02
        caravan dpo --model sft --data pairs/ --output run --loss simpo --beta 2
        caravan dpo --config run/config.yaml --output run --resume
        caravan dpo --model sft --data pairs/ --output betas --sweep beta=0.05,0.1

      Losses:
      \(losses)

      The output folder holds the trained model with its card (README.md), a line of metrics for each step \
      (metrics.jsonl, and tensorboard/), the options (config.yaml) and the newest checkpoints. Ctrl-C saves one.
      """)

  private static var losses: String {
    let width = PreferenceSettings.losses.map(\.name.count).max() ?? 0
    return PreferenceSettings.losses.map { name, summary in
      "  \(name)\(String(repeating: " ", count: width - name.count))  \(summary)"
    }.joined(separator: "\n")
  }

  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Data") var data: Options<DataSettings>
  @OptionGroup(title: "Data") var mixture: Options<MixtureSettings>
  @OptionGroup(title: "Evaluation") var heldOut: Options<HeldOutSettings>
  @OptionGroup(title: "Loss") var preference: Options<PreferenceSettings>
  @OptionGroup(title: "Adapter") var adapter: Options<AdapterSettings>
  @OptionGroup(title: "Training") var pace: Options<DPOPace>
  @OptionGroup(title: "Training") var optimization: Options<OptimizationSettings>
  @OptionGroup(title: "Run") var saving: Options<SavingSettings>
  @OptionGroup(title: "Run") var config: ConfigOption
  @OptionGroup(title: "Sweep") var sweep: SweepOptions
  @OptionGroup(title: "Machine") var machine: ComputeOptions
  @OptionGroup(title: "Machine") var ranks: Options<RankSettings>

  var recipe: DPORecipe {
    var recipe = commonRecipe
    recipe.preference = preference.group
    return recipe
  }
}
