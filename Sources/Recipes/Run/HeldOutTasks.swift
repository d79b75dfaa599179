import Collectives
import Evaluation
import Hashing
import Inference
import Llama
import ModelFiles
import Objectives
import Text
import Training
import Wording

/// Benchmarks that the model in training answers, beside what else is held out.
struct HeldOutTasks: HeldOut {
  private let questions: [TaskQuestions]
  private let format: ChatFormat
  private let stopTokens: Set<Int32>
  private let model: LlamaModel
  private let others: (any HeldOut)?
  private let ranks: any Communicator

  /// - Parameters:
  ///   - model: the one in training, as it is whenever it is measured.
  ///   - others: what is measured too.
  ///   - ranks: the processes that train together, of which the first asks the model.
  init(
    _ questions: [TaskQuestions], of model: LlamaModel, _ format: ChatFormat, stopTokens: Set<Int32>,
    beside others: (any HeldOut)?, among ranks: any Communicator
  ) {
    (self.questions, self.format, self.stopTokens) = (questions, format, stopTokens)
    (self.model, self.others, self.ranks) = (model, others, ranks)
  }

  var count: Int { (others?.count ?? 0) + questions.reduce(0) { $0 + $1.items.count } }

  /// What was there before is what the end is compared with.
  var isMeasuredFirst: Bool { true }

  /// Scores are metrics by the names of the task and of its own metric: `gsm8k/exact_match`.
  func measure(
    towards objective: any Objective, isLast: Bool, progress: (Int) throws -> Void
  ) throws -> Measurement {
    var measurement =
      try others?.measure(towards: objective, isLast: isLast, progress: progress) ?? Measurement(metrics: [:])
    try ranks.interruptedTogether { if ranks.isFirst { try ask(adding: &measurement, progress) } }
    return measurement
  }

  private func ask(adding measurement: inout Measurement, _ progress: (Int) throws -> Void) throws {
    var done = others?.count ?? 0
    // Answers are those of the weights as they are now: nothing is kept for later.
    let evaluator = Evaluator(
      model: try Policy(model).answering, format: format, stopTokens: stopTokens, identity: "in training")
    for question in questions {
      let scored = try evaluator.run(question.task, question.items) { try progress(done + $0) }
      done += question.items.count
      for value in question.task.result(of: scored).values {
        measurement.add(score: value.value, of: "\(question.task.name)/\(value.label)")
      }
    }
  }
}

extension HeldOutSettings {
  /// The items of the benchmarks, found before anything heavy is read.
  /// - Throws: errors of their data.
  func questions(_ context: RunContext) throws -> [TaskQuestions] {
    try evalTask.map { text in
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let isPlaced = parts.count == 2 && EvaluationTasks.names.contains(parts[0])
      let name = isPlaced ? parts[0] : text
      guard !EvaluationTasks.rewarding.contains(name) else {
        throw EvaluationError("\(name) asks a reward model, and the model in training writes texts; see 'caravan eval'")
      }
      var settings = TaskSettings()
      if EvaluationTasks.running.contains(name) { settings.runner = try ProgramRunner() }
      let questions = try TaskQuestions(named: name, settings, scorer: .contains, limit: evalTaskLimit) {
        try context.locator.benchmark($0, at: isPlaced ? parts[1] : nil)
      }
      for line in questions.remarks { try context.remark(Wording(line)) }
      return questions
    }
  }
}

extension [TaskQuestions] {
  /// What tells them from others, with what else is held out; nil where nothing is.
  func fingerprint(with others: String?) -> String? {
    guard !isEmpty else { return others }
    let own = map { "\($0.task.name) \($0.digest) \($0.items.count)" }
    return Digest.sha256(((others.map { [$0] } ?? []) + own).joined(separator: "\n").utf8).hexadecimal
  }
}
