import Foundation
import JSON
import Rewards

/// MMLU (Hendrycks et al. 2021, arXiv 2009.03300): which of four choices is right, in 57 subjects, by the likelihood of its
/// letter.
///
/// The accuracy is that over all questions, as the authors report it; subjects and the paper's four categories follow. The text
/// is that of the data, where the authors' program reads the choice "None" as "nan" in ten questions.
public struct MMLUTask: EvaluationTask {
  /// `mmlu`.
  public let name = "mmlu"
  /// MMLU.
  public let title = "MMLU"
  /// The data of the paper.
  public let source = BenchmarkSource(
    repository: "cais/mmlu", configuration: "all", exampleSplit: "dev",
    address: "https://people.eecs.berkeley.edu/~hendrycks/data.tar", count: 14_042)
  /// The harness has it.
  public let hasHarnessForm = true
  /// The accuracy.
  public let metrics = [Metric("acc")]
  /// Five, and none as for Tülu 2.5.
  public let shots: Int
  private let style: EvaluationStyle

  /// The task.
  public init(_ settings: TaskSettings = TaskSettings()) {
    style = settings.style
    shots = min(settings.shots ?? (style == .tulu25 ? 0 : 5), 5)
  }

  /// A question of the data.
  struct Question {
    let subject: String
    let text: String
    let choices: [String]
    /// The place of the right choice.
    let answer: Int

    var letter: String { MMLUTask.letters[answer] }
  }

  static let letters = ["A", "B", "C", "D"]

  /// The questions, subject by subject.
  public func items(of data: BenchmarkData) throws -> [EvaluationItem] {
    let questions = try questions(of: data, source.split)
    var examples: TextKeyed<[Question]> = [:]
    if shots > 0 {
      for example in try self.questions(of: data, "dev") { examples[example.subject, default: []].append(example) }
    }
    return try questions.map { question in
      let known = examples[question.subject] ?? []
      guard known.count >= shots else {
        throw EvaluationError("\(name): '\(question.subject)' has \(known.count) solved examples, not \(shots)")
      }
      return item(question, examples: Array(known.prefix(shots)))
    }
  }

  func item(_ question: Question, examples: [Question]) -> EvaluationItem {
    let document: JSON = [
      "question": .string(question.text), "subject": .string(question.subject),
      "choices": .array(question.choices.map(JSON.string)), "answer": .integer(question.answer),
    ]
    return EvaluationItem(
      document: document, group: question.subject, prompt: prompt(question, examples),
      request: .likelihoods(Self.letters.map { EvaluationItem.Candidate(" " + $0) }), target: question.letter)
  }

  private func prompt(_ question: Question, _ examples: [Question]) -> TaskPrompt {
    let subject = PythonText.replace(question.subject, "_", with: " ")
    // The authors' program begins each word with a space, and so the first with a second one.
    let opening =
      "The following are multiple choice questions (with answers) about \(style == .harness ? "" : " ")\(subject).\n\n"
    return TaskPrompt(
      opening: opening, shots: examples.map { text(of: $0) + " \($0.letter)\n\n" }, question: text(of: question),
      answerBeginning: style == .harness ? "" : "The answer is:", isChat: style != .harness,
      maximumTokens: style == .tulu25 ? 2048 : nil)
  }

  private func text(of question: Question) -> String {
    let text = style == .harness ? PythonText.strip(question.text) : question.text
    return text + zip(Self.letters, question.choices).map { "\n\($0). \($1)" }.joined() + "\nAnswer:"
  }

  /// 1 where the right letter is the most probable one; of equal ones the first counts.
  public func scores(of answer: ModelAnswer, to item: EvaluationItem) -> ItemScores {
    let best = ChoiceScores.place(of: answer.logProbabilities)
    return ["acc,none": [best.map { Self.letters[$0] } == item.target ? 1 : 0]]
  }

  /// The paper's four categories, each over all of its questions.
  public func categories(of scored: [ScoredItem]) -> [GroupResult] {
    MMLUSubjects.categories.compactMap { category in
      let part = scored.filter { MMLUSubjects.category(of: $0.item.group ?? "") == category }
      return metrics[0].mean(of: part).map { GroupResult(name: category, values: [$0], count: part.count) }
    }
  }
}

extension MMLUTask {
  /// The hub's records, or the original files `test/SUBJECT_test.csv` and `dev/SUBJECT_dev.csv`.
  private func questions(of data: BenchmarkData, _ split: String) throws -> [Question] {
    let paths = data.paths(of: split)
    guard paths.allSatisfy({ $0.hasSuffix(".csv") }), !paths.isEmpty else {
      let records = try data.records(of: split, configuration: source.configuration)
      return try records.map { record in
        let choices = try record.texts("choices", of: name)
        return try question(
          try record.text("subject", of: name), try record.text("question", of: name), choices,
          "\(try record.number("answer", of: name))")
      }
    }
    return try paths.sorted().flatMap { path in
      let file = URL(filePath: path).lastPathComponent
      let subject = PythonText.removingSuffix(file, "_\(split).csv")
      return try CSVTable(path: path).rows.compactMap { row -> Question? in
        guard row.count == 6 else {
          throw EvaluationError("\(path): a row has \(row.count) cells, not a question, four choices and an answer")
        }
        // Some copies have a line of names.
        if row[0] == "question", row[5] == "answer" { return nil }
        return try question(subject, row[0], Array(row[1...4]), row[5])
      }
    }
  }

  private func question(_ subject: String, _ text: String, _ choices: [String], _ answer: String) throws -> Question {
    let place = Self.letters.firstIndex { $0 == answer } ?? Int(answer)
    guard let place, Self.letters.indices.contains(place), choices.count == 4 else {
      throw EvaluationError(
        "\(name): '\(answer)' in '\(subject)' is not one of four choices; are these the task's data?")
    }
    return Question(subject: subject, text: text, choices: choices, answer: place)
  }
}
