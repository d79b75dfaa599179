import JSON

/// Phase 2: `question` with `problem`, `ground_truth_solution` and the `pre_generated_steps` of a solution, and `label`,
/// whose `finish_reason` is `found_error` where that solution is wrong.
///
/// The rows of a problem lie apart in the file. For each problem one wrong solution is kept in memory, drawn so that in
/// the end each was equally likely; the pairs come after the last row, in the order in which the problems first occur.
struct PRM800K: PublishedSource {
  static let name = "prm800k"
  static let summary = "PRM800K phase 2, the true solution over a wrong one"

  private struct Problem {
    let text: String
    let location: RecordLocation
    var solution: String?
    var rows = 0
    var wrongCount = 0
    var wrong = ""
  }

  private var generator: SplitMix64
  private var problems: [Problem] = []
  private var indices: [[UInt8]: Int] = [:]

  init(_ choices: SourceChoices) { generator = SplitMix64(seed: choices.seed) }

  mutating func take(_ row: PublishedRow) throws(RecordError) -> [Outcome] {
    let fields = row.fields
    guard let question = row.json["question"], question.object != nil else {
      throw row.mismatch("question", "an object")
    }
    let text = try fields.string(question["problem"], "question.problem")
    let reason = try fields.string(row.json["label"]?["finish_reason"], "label.finish_reason")
    let solution = question["ground_truth_solution"].flatMap { $0 == .null ? nil : $0 }
    let truth = try solution.map { value throws(RecordError) in
      try fields.string(value, "question.ground_truth_solution")
    }
    let wrong =
      reason == "found_error"
      ? try fields.strings(question["pre_generated_steps"], "question.pre_generated_steps") : nil

    // Strings are compared by their bytes: two spellings of an accented letter are two problems.
    let index = indices[Array(text.utf8)] ?? problems.count
    if index == problems.count {
      indices[Array(text.utf8)] = index
      problems.append(Problem(text: text, location: row.location))
    }
    problems[index].rows += 1
    problems[index].solution = problems[index].solution ?? truth
    if let wrong {
      problems[index].wrongCount += 1
      // Of k wrong solutions the k-th takes the place with probability 1/k.
      if generator.index(below: problems[index].wrongCount) == 0 {
        problems[index].wrong = wrong.joined(separator: "\n")
      }
    }
    return []
  }

  mutating func finish() -> [Outcome] {
    defer { (problems, indices) = ([], [:]) }
    return problems.map { problem in
      guard let solution = problem.solution else {
        return .dropped("the problem has no ground_truth_solution", problem.location, rows: problem.rows)
      }
      guard problem.wrongCount > 0 else {
        return .dropped("no solution of the problem is wrong", problem.location, rows: problem.rows)
      }
      return .pair(
        problem.text, solution, problem.wrong, source: "prm800k_phase2", at: problem.location, rows: problem.rows)
    }
  }
}
