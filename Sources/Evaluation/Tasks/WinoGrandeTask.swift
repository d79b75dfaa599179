import JSON
import Rewards

/// WinoGrande (Sakaguchi et al. 2020, arXiv 1907.10641): which of two names a gap stands for, by the likelihood of what follows
/// it (partial scoring, Trinh and Le 2018).
public struct WinoGrandeTask: EvaluationTask {
  /// `winogrande`.
  public let name = "winogrande"
  /// WinoGrande.
  public let title = "WinoGrande"
  /// The data of the paper; the answers to its test set are not public.
  public let source = BenchmarkSource(
    repository: "allenai/winogrande", configuration: "winogrande_xl", split: "validation",
    address: "https://winogrande.allenai.org", count: 1267)
  /// The harness has it.
  public let hasHarnessForm = true
  /// The accuracy.
  public let metrics = [Metric("acc")]

  /// The task.
  public init(_ settings: TaskSettings = TaskSettings()) {}

  /// The sentences.
  public func items(of data: BenchmarkData) throws -> [EvaluationItem] {
    try data.records(of: source.split, configuration: source.configuration).map { record in
      let parts = PythonText.split(try record.text("sentence", of: name), by: "_", limit: 1)
      guard parts.count == 2 else { throw EvaluationError("\(name): a sentence has no gap '_'") }
      let names = [try record.text("option1", of: name), try record.text("option2", of: name)]
      let candidates = names.map { EvaluationItem.Candidate(" " + PythonText.strip(parts[1]), after: parts[0] + $0) }
      return EvaluationItem(
        document: record, prompt: TaskPrompt(question: "", isChat: false), request: .likelihoods(candidates),
        target: try record.text("answer", of: name))
    }
  }

  /// Whether what follows is more probable after the right name.
  public func scores(of answer: ModelAnswer, to item: EvaluationItem) -> ItemScores {
    let place = ChoiceScores.place(of: answer.logProbabilities)
    return ["acc,none": [place.map { String($0 + 1) } == item.target ? 1 : 0]]
  }
}
