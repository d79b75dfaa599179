import JSON
import Rewards

/// HellaSwag (Zellers et al. 2019, arXiv 1905.07830): how a scene goes on, by the likelihoods of four endings.
public struct HellaSwagTask: EvaluationTask {
  /// `hellaswag`.
  public let name = "hellaswag"
  /// HellaSwag.
  public let title = "HellaSwag"
  /// The data of the paper; the answers to its test set are not public.
  public let source = BenchmarkSource(
    repository: "Rowan/hellaswag", split: "validation", address: "https://github.com/rowanz/hellaswag", count: 10_042)
  /// The harness has it.
  public let hasHarnessForm = true
  /// Accuracies; reports quote the second.
  public let metrics = [Metric("acc_norm"), Metric("acc")]

  /// The task.
  public init(_ settings: TaskSettings = TaskSettings()) {}

  /// The scenes.
  public func items(of data: BenchmarkData) throws -> [EvaluationItem] {
    try data.records(of: source.split).map { record in
      let (context, endings, right) = try parts(of: record)
      return EvaluationItem(
        document: record, prompt: TaskPrompt(question: context, isChat: false),
        request: .likelihoods(endings.map { EvaluationItem.Candidate(" " + $0) }), target: endings[right])
    }
  }

  private func parts(of record: JSON) throws -> (context: String, endings: [String], right: Int) {
    let scene = try record.text("ctx_a", of: name) + " " + Self.capitalized(try record.text("ctx_b", of: name))
    let context = Self.cleaned(try record.text("activity_label", of: name) + ": " + scene)
    let endings = try record.texts("endings", of: name).map(Self.cleaned)
    let right = try record.number("label", of: name)
    guard endings.indices.contains(right) else {
      throw EvaluationError("\(name): a label is \(right), not that of an ending")
    }
    return (context, endings, right)
  }

  /// `str.capitalize`.
  private static func capitalized(_ text: String) -> String {
    guard let first = text.unicodeScalars.first else { return text }
    return PythonText.upper(String(first)) + PythonText.lower(PythonText.string(text.unicodeScalars.dropFirst()))
  }

  /// Without WikiHow's marks, as the harness takes them out.
  static func cleaned(_ text: String) -> String {
    var text = PythonText.replace(PythonText.strip(text), " [title]", with: ". ")
    let pieces = PythonText.split(text, by: "[")
    text = pieces[0]
    for piece in pieces.dropFirst() {
      let parts = PythonText.split(piece, by: "]", limit: 1)
      text += parts.count == 2 && !PythonText.contains(parts[0], "\n") ? parts[1] : "[" + piece
    }
    return PythonText.replace(text, "  ", with: " ")
  }

  /// Whether the right ending is the most probable.
  public func scores(of answer: ModelAnswer, to item: EvaluationItem) throws -> ItemScores {
    let (_, endings, right) = try parts(of: item.document)
    return ChoiceScores.scores(answer, endings, right: right)
  }
}
