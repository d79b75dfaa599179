import Alignment
import ArgumentParser
import Datasets
import Foundation
import Llama
import Text

/// `caravan sft`: teaches a model from conversations.
struct SFT: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sft",
    abstract: "Teaches a model from conversations (supervised fine-tuning).",
    usage: "caravan sft --model <folder> --data <path> ... --output <folder> [<options>]",
    discussion: """
      Each record has 'messages', a list of {"role", "content"}, or a 'prompt' and a 'completion'. All that the \
      assistant says is learned. The defaults are those of Tulu 2.

      Examples:
        caravan sft --model llama-2-7b --data chats.jsonl --output assistant-sft
        caravan sft --model llama-2-7b --data a.jsonl b.jsonl.gz more/ --output run
        caravan sft --config run/config.yaml --output run --resume

      The output folder holds the trained model with its card (README.md), a line of metrics for each step \
      (metrics.jsonl, and tensorboard/), the options (config.yaml) and the newest checkpoints. Ctrl-C saves one.
      """)

  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Data") var mask: MaskOptions
  @OptionGroup(title: "Evaluation") var heldOut: HeldOutOptions
  @OptionGroup(title: "Training") var pace: SFTPace
  @OptionGroup(title: "Training") var training: TrainingOptions
  @OptionGroup(title: "Run") var destination: RunOptions
  @OptionGroup(title: "Machine") var compute: ComputeOptions

  func run() throws {
    let (base, format) = (try model.folder(), try model.format())
    let limits = data.limits([base.config])
    let options = options(maximumLength: limits.maximumLength)
    let builder = try SequenceBuilder(format: format, mask: mask.lossMask)
    let lock = try destination.prepare(for: base, options)
    try compute.start()

    // The data, on their way from files to token sequences.
    let conversations = try TrainingData(data, heldOut, seed: training.seed, prompt: \Conversation.prompt) {
      try builder.examples($0, limits: limits)
    }
    let job = try TrainingJob(
      base: base, sequences: builder, data: conversations, destination, lock, training, pace, compute.dtype, options)

    // The model, and steps along the gradient of the loss.
    try job.train(
      job.loadModel(), method: .sft, objective: SupervisedObjective(), heldOutObjective: SupervisedObjective())
  }

  private func options(maximumLength: Int) -> ResolvedOptions {
    var options = ResolvedOptions(model, data, mask, heldOut, maximumLength: maximumLength)
    options.add(pace, training, compute, destination)
    return options
  }
}
