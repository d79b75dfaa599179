import JSON

/// One question of a benchmark: what a model is asked, and what is right.
public struct EvaluationItem: Sendable {
  /// What is asked for.
  public enum Request: Sendable, Equatable {
    /// A text that continues the prompt.
    case answer(Decoding)
    /// How probable each of some continuations is.
    case likelihoods([Candidate])
    /// What a reward model says of each of some answers.
    case rewards([String])
  }

  /// A text whose likelihood is asked for.
  public struct Candidate: Sendable, Equatable {
    /// What stands between the prompt and the text, and is not counted; as a rule nothing.
    public var beginning: String
    /// The text.
    public var text: String

    /// A text after a prompt.
    public init(_ text: String, after beginning: String = "") { (self.text, self.beginning) = (text, beginning) }
  }

  /// The record that it is made of.
  public var document: JSON
  /// The part of the benchmark that it belongs to, as a subject of MMLU.
  public var group: String?
  /// What the model reads.
  public var prompt: TaskPrompt
  /// What is asked for.
  public var request: Request
  /// What is right, as result files show it.
  public var target: String

  /// A question.
  public init(document: JSON, group: String? = nil, prompt: TaskPrompt, request: Request, target: String) {
    (self.document, self.group, self.prompt, self.request, self.target) = (document, group, prompt, request, target)
  }
}

/// How an answer is drawn, and when it ends.
public struct Decoding: Sendable, Equatable {
  /// Texts that end the answer and are no part of it.
  public var stops: [String]
  /// The most tokens of the answer.
  public var maximumTokens: Int
  /// How freely tokens are chosen; 0 takes the most probable.
  public var temperature: Double
  /// The share of probability that tokens are chosen among.
  public var topP: Double
  /// How many answers are drawn.
  public var count: Int

  /// The greedy answer, unless a temperature is given.
  public init(
    stops: [String] = [], maximumTokens: Int = 512, temperature: Double = 0, topP: Double = 1, count: Int = 1
  ) {
    (self.stops, self.maximumTokens, self.temperature) = (stops, maximumTokens, temperature)
    (self.topP, self.count) = (topP, count)
  }
}
