import JSON
import Objectives
import YAML

/// The README.md of a trained model's folder: a Hugging Face model card.
public struct ModelCard: Sendable {
  /// One of the data sets, and what became of its records.
  public struct DataCounts: Sendable, Equatable {
    /// The data set's id on the Hub, or the file's or folder's name.
    public var name: String
    /// Records read.
    public var read: Int
    /// Records trained on.
    public var kept: Int
    /// Records left out, by reason: `["empty answer": 2]`.
    public var dropped: TextKeyed<Int>
    /// Records of those kept that were cut to the maximum length.
    public var truncated: Int
    /// How many of those kept an epoch takes, where that is not each once.
    public var drawn: Int?

    /// The counts of one data set.
    public init(
      name: String, read: Int, kept: Int, dropped: TextKeyed<Int> = [:], truncated: Int = 0, drawn: Int? = nil
    ) {
      self.name = name
      self.read = read
      self.kept = kept
      self.dropped = dropped
      self.truncated = truncated
      self.drawn = drawn
    }
  }

  /// What was measured at one step.
  public struct Step: Sendable, Equatable {
    /// The optimizer step, from 1.
    public var step: Int
    /// The batch's mean loss.
    public var loss: Double
    /// What else was measured, by the metrics' names.
    public var metrics: TextKeyed<Double>
    /// The learning rate of the step.
    public var learningRate: Double

    /// The measurements of one step.
    public init(step: Int, loss: Double, metrics: TextKeyed<Double> = [:], learningRate: Double) {
      self.step = step
      self.loss = loss
      self.metrics = metrics
      self.learningRate = learningRate
    }
  }

  /// Results of the finished model on one data set.
  public struct Evaluation: Sendable, Equatable {
    /// The data set's id on the Hub, or its file's or folder's name.
    public var dataset: String
    /// Results by name: `["eval_loss": 0.61]`.
    public var results: TextKeyed<Double>

    /// The results on one data set.
    public init(dataset: String, results: TextKeyed<Double>) {
      self.dataset = dataset
      self.results = results
    }
  }

  /// What the run took.
  public struct Cost: Sendable, Equatable {
    /// The hardware: `CPU, 2 threads` or `NVIDIA H100`.
    public var device: String
    /// The type of the numbers computed with: `float32`.
    public var dtype: String
    /// Wall-clock seconds of training.
    public var seconds: Double
    /// Tokens that went through the model.
    public var tokens: Int
    /// The largest resident memory of the process, in bytes.
    public var peakMemoryBytes: Int

    /// The cost of one run.
    public init(device: String, dtype: String, seconds: Double, tokens: Int, peakMemoryBytes: Int) {
      self.device = device
      self.dtype = dtype
      self.seconds = seconds
      self.tokens = tokens
      self.peakMemoryBytes = peakMemoryBytes
    }
  }

  /// What a model does.
  public enum Kind: Sendable {
    /// It answers.
    case language
    /// It scores answers.
    case reward
  }

  /// What the model does.
  public var kind = Kind.language
  /// Whether what was trained is a LoRA adapter, and not all weights.
  public var isAdapter = false
  /// The model's name, usually its folder's.
  public var name: String
  /// How the objective that it was trained towards speaks of itself.
  public var words: ObjectiveWords
  /// The id on the Hub, or the folder's name, of the model that training began from.
  public var baseModel: String
  /// What the base model's own card says.
  public var baseCard: BaseCard
  /// The chat template's text for one user message and the start of an answer, to the character.
  public var chatFormat: String
  /// The data sets, in the order of the command line.
  public var data: [DataCounts]
  /// Names and values of the options that decide the result, as the command line has them.
  public var hyperparameters: TextKeyed<String>
  /// All steps in order; the card shows at most 20 of them.
  public var steps: [Step]
  /// What was measured on held-out data after training; may be empty.
  public var evaluations: [Evaluation]
  /// Whether steps, evaluations and cost are those of the whole run: not so where its log was lost or damaged.
  public var isWhole = true
  /// Time, memory and hardware.
  public var cost: Cost

  /// A card that says all this.
  public init(
    name: String, words: ObjectiveWords, baseModel: String, baseCard: BaseCard = BaseCard(""), chatFormat: String,
    data: [DataCounts], hyperparameters: TextKeyed<String>, steps: [Step],
    evaluations: [Evaluation] = [], cost: Cost
  ) {
    self.name = name
    self.words = words
    self.baseModel = baseModel
    self.baseCard = baseCard
    self.chatFormat = chatFormat
    self.data = data
    self.hyperparameters = hyperparameters
    self.steps = steps
    self.evaluations = evaluations
    self.cost = cost
  }

  /// The whole file.
  /// - Throws: `ReportingError` where a value cannot be written as YAML.
  public func markdown() throws(ReportingError) -> String {
    let sections = [
      introduction, inputFormat, usage, dataSection, hyperparameterSection, curveSection, evaluationSection, meaning,
      limits, costSection, citation,
    ].filter { !$0.isEmpty }
    return try "---\n" + header() + "---\n\n" + sections.joined(separator: "\n\n") + "\n"
  }
}
