import Alignment
import ArgumentParser
import Datasets
import Foundation
import JSON
import Llama
import ModelFiles
import Reporting
import Training

/// `caravan dpo`: aligns a model with pairs of better and worse answers.
struct DPO: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dpo",
    abstract: "Aligns a model with pairs of better and worse answers.",
    usage: "caravan dpo --model <folder> --data <path> ... --output <folder> [<options>]",
    discussion: """
      Each record has a 'prompt', a 'chosen' and a 'rejected' answer, as texts or as lists of messages; chosen and \
      rejected may also hold the prompt themselves. The defaults are those of Tulu 2.5.

      Examples:
        caravan dpo --model assistant-sft --data pairs.jsonl --output assistant-dpo
        caravan dpo --model sft --data pairs/ --output run --eval-fraction 0.02
        caravan dpo --config run/config.yaml --output run --resume

      The output folder holds the trained model with its card (README.md), a line of metrics for each step \
      (metrics.jsonl, and tensorboard/), the options (config.yaml) and the newest checkpoints. Ctrl-C saves one.
      """)

  @OptionGroup(title: "Model") var model: ModelOptions
  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Data") var mask: MaskOptions
  @OptionGroup(title: "Evaluation") var heldOut: HeldOutOptions
  @OptionGroup(title: "Loss") var preference: LossOptions
  @OptionGroup(title: "Training") var pace: DPOPace
  @OptionGroup(title: "Training") var training: TrainingOptions
  @OptionGroup(title: "Run") var destination: RunOptions
  @OptionGroup(title: "Machine") var compute: ComputeOptions

  func run() throws {
    let (base, format) = (try model.folder(), try model.format())
    let referenceFolder = try preference.reference.map(ModelFolder.named)
    _ = try referenceFolder?.openWeights()
    let limits = data.limits([base.config] + (referenceFolder.map { [$0.config] } ?? []))
    let options = options(maximumLength: limits.maximumLength)
    let builder = try SequenceBuilder(format: format, mask: mask.lossMask)
    let lock = try destination.prepare(for: base, options)
    try compute.start()

    // The data, on their way from files to token sequences.
    let pairs = try TrainingData(data, heldOut, seed: training.seed, prompt: \PreferencePair.prompt) {
      try builder.examples($0, limits: limits)
    }
    let job = try TrainingJob(
      base: base, reference: preference.loss.needsReference ? referenceFolder : nil, sequences: builder, data: pairs,
      destination, lock, training, pace, compute.dtype, options)

    // The model, and what the reference makes of the data.
    let policy = try job.loadModel()
    let references = try ReferencePhase(job: job, policy: policy, isNeeded: preference.loss.needsReference)
    let loss = try preference.objective

    // Steps along the gradient of the loss, and the aligned model.
    try job.train(
      policy, method: .dpo(loss: loss.kind.rawValue, beta: loss.beta),
      objective: PreferenceObjective(loss: loss, references: references.training),
      heldOutObjective: PreferenceObjective(loss: loss, references: references.heldOut))
  }

  private func options(maximumLength: Int) -> ResolvedOptions {
    var options = ResolvedOptions(model, data, mask, heldOut, maximumLength: maximumLength)
    options.add(preference)
    options.add(pace, training, compute, destination)
    return options
  }
}
