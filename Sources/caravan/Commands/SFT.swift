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
    discussion: """
      Each record has 'messages', a list of {"role", "content"}, or a 'prompt' and a 'completion'. All that the \
      assistant says is learned. The defaults are those of Tulu 2.

      Examples:
        caravan sft --model llama-2-7b --data conversations.jsonl --output assistant-sft
        caravan sft --model llama-2-7b --data a.jsonl b.jsonl.gz more/ --output run --epochs 1 --max-length 2048
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var heldOut: HeldOutOptions

  @Option(help: "Passes over the data.")
  var epochs = 2.0

  @Option(help: "Conversations a step.")
  var batchSize = 128

  @Option(help: "The highest learning rate.")
  var learningRate = 2e-5

  @Option(help: "The share of the steps in which the learning rate rises from 0.")
  var warmupRatio = 0.03

  @OptionGroup var training: TrainingOptions

  func validate() throws { try pace.validate() }

  func run() throws {
    let (base, format) = (try model.folder(), try model.format())
    try training.prepare(for: base, options)

    // The data, on their way from files to token sequences.
    let builder = SequenceBuilder(format: format)
    let conversations = try TrainingData(data, heldOut, seed: training.seed, prompt: \Conversation.prompt) {
      try builder.examples($0, limits: data.limits([base.config]))
    }
    let job = TrainingJob(base: base, format: format, data: conversations, training, pace, options: options)

    // The model, and steps along the gradient of the loss.
    try job.train(
      job.loadModel(), method: .sft, objective: SupervisedObjective(), heldOutObjective: SupervisedObjective())
  }

  private var pace: PaceOptions {
    PaceOptions(epochs: epochs, batchSize: batchSize, learningRate: learningRate, warmupRatio: warmupRatio)
  }

  private var options: ResolvedOptions {
    var options = ResolvedOptions(model, data, heldOut)
    options.add(pace, training)
    return options
  }
}

extension Conversation {
  /// What precedes the assistant's first message.
  fileprivate var prompt: [Message] { Array(messages.prefix { $0.role != "assistant" }) }
}
