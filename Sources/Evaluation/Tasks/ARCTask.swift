import JSON

/// ARC (Clark et al. 2018, arXiv 1803.05457): questions of school science, easy ones or the challenge, by the likelihoods
/// of the choices' texts.
public struct ARCTask: EvaluationTask {
  /// `arc_easy` or `arc_challenge`.
  public let name: String
  /// The set's name.
  public let title: String
  /// The data of the paper.
  public let source: BenchmarkSource
  /// The harness has it.
  public let hasHarnessForm = true
  /// Accuracies; reports quote the second.
  public let metrics = [Metric("acc_norm"), Metric("acc")]
  /// None.
  public let shots: Int
  private let settings: TaskSettings

  /// The task; `isChallenge` for the set that simple methods fail on.
  public init(_ settings: TaskSettings = TaskSettings(), isChallenge: Bool) {
    self.settings = settings
    shots = settings.shots ?? 0
    (name, title) = isChallenge ? ("arc_challenge", "ARC Challenge") : ("arc_easy", "ARC Easy")
    source = BenchmarkSource(
      repository: "allenai/ai2_arc", configuration: isChallenge ? "ARC-Challenge" : "ARC-Easy", exampleSplit: "train",
      address: "https://allenai.org/data/arc", count: isChallenge ? 1172 : 2376)
  }

  /// The questions.
  public func items(of data: BenchmarkData) throws -> [EvaluationItem] {
    var examples = try SolvedExamples(for: self, of: data, settings)
    return try data.records(of: source.split, configuration: source.configuration).map { record in
      let (question, choices, right) = try parts(of: record)
      return EvaluationItem(
        document: record,
        prompt: TaskPrompt(
          shots: try examples.next().map(example), question: "Question: \(question)\nAnswer:", isChat: false),
        request: .likelihoods(choices.map { EvaluationItem.Candidate(" " + $0) }), target: choices[right])
    }
  }

  private func example(_ record: JSON) throws -> String {
    let (question, choices, right) = try parts(of: record)
    return "Question: \(question)\nAnswer: \(choices[right])\n\n"
  }

  private func parts(of record: JSON) throws -> (question: String, choices: [String], right: Int) {
    guard let choices = record["choices"] else {
      throw EvaluationError("\(name): a record has no 'choices'; are these the task's data?")
    }
    let (texts, labels) = (try choices.texts("text", of: name), try choices.texts("label", of: name))
    let key = try record.text("answerKey", of: name)
    guard let right = labels.firstIndex(where: { $0 == key }), texts.indices.contains(right) else {
      throw EvaluationError("\(name): the answer '\(key)' is none of \(labels.joined(separator: ", "))")
    }
    return (try record.text("question", of: name), texts, right)
  }

  /// Whether the right choice is the most probable.
  public func scores(of answer: ModelAnswer, to item: EvaluationItem) throws -> ItemScores {
    let (_, choices, right) = try parts(of: item.document)
    return ChoiceScores.scores(answer, choices, right: right)
  }
}
