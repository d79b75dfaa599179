import Alignment
import ArgumentParser
import Datasets
import Foundation
import Llama
import ModelFiles
import OrderedCollections
import Reporting
import Training

/// `caravan dpo`: aligns a model with pairs of better and worse answers.
struct DPO: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dpo",
    abstract: "Aligns a model with pairs of better and worse answers.",
    discussion: """
      Each record has 'chosen' and 'rejected', as lists of messages or as texts, and where they do not begin with it a \
      'prompt'. The defaults are those of Tulu 2.5.

      Examples:
        caravan dpo --model assistant-sft --data pairs.jsonl --output assistant-dpo
        caravan dpo --model assistant-sft --data pairs.jsonl --eval-fraction 0.02 --output run --max-length 2048
        caravan dpo --config run/config.yaml --output run --resume
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var heldOut: HeldOutOptions

  @Option(help: "The loss: sigmoid (DPO), ipo, hinge, robust, simpo, dpo-norm.")
  var loss: PreferenceLoss.Kind = .sigmoid

  @Option(help: "How strongly the model is held to the reference.")
  var beta = 0.1

  @Option(help: "The share of labels taken to be wrong: conservative DPO with sigmoid, unbiased with robust.")
  var labelSmoothing = 0.0

  @Option(help: "The margin that simpo aims at.")
  var simpoGamma = 0.5

  @Option(help: ArgumentHelp("The reference model; the model itself, as it was, where this is left out.", valueName: "folder"))
  var reference: String?

  @Option(help: "Passes over the data.")
  var epochs = 3.0

  @Option(help: "Pairs a step.")
  var batchSize = 32

  @Option(help: "The highest learning rate.")
  var learningRate = 5e-7

  @Option(help: "The share of the steps in which the learning rate rises from 0.")
  var warmupRatio = 0.1

  @OptionGroup var training: TrainingOptions

  func validate() throws {
    try pace.validate()
    do { _ = try objective } catch { throw ValidationError("\(error)") }
    guard reference == nil || loss.needsReference else {
      throw ValidationError("--reference has no meaning for --loss \(loss.rawValue); leave it out")
    }
  }

  func run() throws {
    let (base, format) = (try model.folder(), try model.format())
    let referenceFolder = try reference.map { try ModelFolder(URL(filePath: $0)) }
    _ = try referenceFolder?.openWeights()
    try training.prepare(for: base, options)

    // The data, on their way from files to token sequences.
    let builder = SequenceBuilder(format: format)
    let limits = data.limits([base.config] + (referenceFolder.map { [$0.config] } ?? []))
    let pairs = try TrainingData(data, heldOut, seed: training.seed, prompt: \PreferencePair.prompt) {
      try builder.examples($0, limits: limits)
    }
    let job = TrainingJob(base: base, format: format, data: pairs, training, pace, options: options)

    // The model, and what the reference makes of the data.
    let policy = try job.loadModel()
    let references = try ReferencePhase(job: job, folder: referenceFolder, policy: policy, isNeeded: loss.needsReference)
    let loss = try objective

    // Steps along the gradient of the loss, and the aligned model.
    try job.train(
      policy, method: .dpo(loss: self.loss.rawValue, beta: beta),
      objective: PreferenceObjective(loss: loss, references: references.training),
      heldOutObjective: PreferenceObjective(loss: loss, references: references.heldOut))
  }

  private var objective: PreferenceLoss {
    get throws { try PreferenceLoss(loss, beta: beta, labelSmoothing: labelSmoothing, targetMargin: simpoGamma) }
  }

  private var pace: PaceOptions {
    PaceOptions(epochs: epochs, batchSize: batchSize, learningRate: learningRate, warmupRatio: warmupRatio)
  }

  private var options: ResolvedOptions {
    var options = ResolvedOptions(model, data, heldOut)
    options["loss"] = .string(loss.rawValue)
    options["beta"] = .number(beta)
    options["label-smoothing"] = .number(labelSmoothing)
    if loss == .simpo { options["simpo-gamma"] = .number(simpoGamma) }
    if let reference { options["reference"] = .string(reference) }
    options.add(pace, training)
    return options
  }
}

extension PreferenceLoss.Kind: ExpressibleByArgument {}
