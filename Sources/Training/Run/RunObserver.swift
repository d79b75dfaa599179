import Alignment
import Datasets
import Foundation
import JSON
import Objectives
import Wording

/// Hears what a run does, and may ask it to stop. Training itself says nothing to anybody: progress lines, logs and cards are
/// observers.
public protocol RunObserver: AnyObject {
  /// Something has happened, or is about to.
  /// - Throws: what ends the run.
  func observe(_ event: RunEvent) throws

  /// Whether the run should save its state after this step and end.
  var asksToStop: Bool { get }
}

extension RunObserver {
  /// Never.
  public var asksToStop: Bool { false }
}

/// What a run tells its observers, in the order in which it happens.
public enum RunEvent {
  /// Some records became examples.
  case tokenized(DataUse)
  /// A model is about to be loaded.
  case loading(ModelLoad)
  /// So many of the examples are scored by the reference.
  case scored(done: Int, total: Int)
  /// All are scored; or all of them were known from an earlier run.
  case scoredAll(Int, allWereKnown: Bool)
  /// The run was asked to stop while the reference scored, and has kept the scores of so many.
  case stoppedScoring(done: Int)
  /// Training begins.
  case began(RunStart)
  /// A step is done.
  case stepped(StepReport)
  /// So many of the answers that the next batch is made of are given.
  case answering(done: Int, total: Int)
  /// So many of the held-out examples are measured.
  case evaluating(done: Int, total: Int)
  /// The held-out examples are measured after a step.
  case evaluated(EvaluationReport)
  /// A checkpoint is about to be written after a step: what was observed so far must be on the disk first.
  case saving(step: Int)
  /// A checkpoint is whole.
  case saved(Checkpoint)
  /// Something that a person should know.
  case remark(Wording)
  /// The run was asked to stop after a step, and has saved its state.
  case stopped(step: Int, of: Int)
  /// All steps are done; the model is not written yet.
  case finished
}

/// How a run begins.
public struct RunStart: Sendable {
  /// The steps of the whole run.
  public let totalSteps: Int
  /// The steps that were done before, where it is resumed; nil for a new run.
  public let resumedAfter: Int?
  /// Whether held-out data are measured first, as that was broken off after these steps.
  public let owesMeasurement: Bool
  /// How the objective speaks of itself.
  public let words: ObjectiveWords
  /// How the learning rate rises and falls.
  public let schedule: LearningRateSchedule
}

/// What a step did, in the whole of the run.
public struct StepReport: Sendable {
  /// The step.
  public let step: Trainer.Step
  /// How many epochs are done after it, with fractions.
  public let epoch: Double
  /// The tokens that were trained on by now.
  public let tokenCount: Int
  /// What was measured while its batch was made.
  public let figures: TextKeyed<Double>
  /// What its batch was made of, where people should be able to look at it.
  public let samples: [JSON]
}

/// What was measured on held-out data.
public struct EvaluationReport: Sendable {
  /// The step after which it was.
  public let step: Int
  /// How many epochs were done.
  public let epoch: Double
  /// Loss and metrics.
  public let measurement: Measurement
  /// The number of examples.
  public let count: Int
}

/// A model that is about to be loaded, and what training it will need.
public struct ModelLoad: Sendable {
  /// Its folder.
  public let folder: URL
  /// The number of its parameters.
  public let parameterCount: Int
  /// The layers that it has.
  public let layerCount: Int
  /// What the run will need of the memory.
  public let memory: MemoryEstimate
  /// How many processes load it, each of which needs that.
  public let rankCount: Int

  /// A model and its need.
  public init(folder: URL, parameterCount: Int, layerCount: Int, memory: MemoryEstimate, rankCount: Int = 1) {
    self.folder = folder
    self.parameterCount = parameterCount
    self.layerCount = layerCount
    self.memory = memory
    self.rankCount = rankCount
  }
}

/// What became of the records of some files.
public struct DataUse: Sendable {
  /// What they are for.
  public enum Purpose: Sendable { case training, heldOut }

  /// What they are for.
  public let purpose: Purpose
  /// The files, data sets or splits, as they were named.
  public let names: [String]
  /// What reading found; nil where these records are a share of others.
  public let reading: DatasetReport?
  /// What became of them as sequences.
  public let sequences: SequenceReport
  /// Whether one record may be several examples, as a pair is two rated answers; these are then counted.
  public let isUnfolded: Bool
  /// How often an epoch takes each of them; nil where the whole of the data is taken once.
  public let weight: Double?

  /// What became of some records.
  public init(
    purpose: Purpose, names: [String], reading: DatasetReport?, sequences: SequenceReport, isUnfolded: Bool = false,
    weight: Double? = nil
  ) {
    self.purpose = purpose
    self.names = names
    self.reading = reading
    self.sequences = sequences
    self.isUnfolded = isUnfolded
    self.weight = weight
  }

  /// How many of those kept an epoch takes, where they have a weight.
  public var drawnCount: Int? { weight.map { Mixture.Source(count: sequences.kept, weight: $0).drawnCount } }

  /// How many came in.
  public var readCount: Int { isUnfolded ? sequences.read : reading?.read ?? sequences.read }
}

extension [any RunObserver] {
  /// Tells all of them.
  package func observe(_ event: RunEvent) throws { for observer in self { try observer.observe(event) } }

  /// Whether one of them asks to stop.
  package var asksToStop: Bool { contains(where: \.asksToStop) }
}
