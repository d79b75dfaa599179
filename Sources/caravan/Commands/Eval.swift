import ArgumentParser
import Evaluation
import Foundation
import Inference
import JSON
import ModelFiles
import Recipes
import Terminal
import Text

/// `caravan eval`: benchmarks of a model, or of two.
struct Eval: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "Evaluates a model by benchmarks, or compares two.",
    usage: "caravan eval <model> [<other model>] --tasks <name>,... [--data <name>=<path> ...] [<options>]",
    discussion: """
      Tasks: \(EvaluationTasks.names.joined(separator: ", ")); or a file of your own, whose records have a 'prompt' and an \
      'answer' (see --scorer), or 'choices' too.

      Data come from the Hugging Face hub, or from a file or folder that --data names. A table goes to standard output; the \
      folder --output gets results_DATE.json and samples_TASK_DATE.jsonl as lm-evaluation-harness writes them, and a page. \
      Answers are kept there: a run that was stopped goes on, and nothing is asked twice. Two models are compared item by \
      item.

      With --annotations instead of a model, AlpacaEval's win rates of recorded annotations are told.

      Examples:
        caravan eval assistant-dpo --tasks gsm8k,ifeval --limit 100
        caravan eval assistant-sft assistant-dpo --tasks mmlu --shots 0
        caravan eval assistant-dpo --tasks bbh --data bbh=BIG-Bench-Hard
        caravan eval assistant-dpo --tasks mine.jsonl --scorer contains --card
        caravan eval --annotations annotations.json
      """)

  @Argument(
    help: ArgumentHelp("The model: a Hugging Face folder, or OWNER/NAME on the hub; or two.", valueName: "model"))
  var models: [String] = []

  @OptionGroup(title: "Tasks") var tasks: TaskOptions

  @Option(
    help: ArgumentHelp(
      "The folder for results and answers, in which each model has its own (default: evaluation).", valueName: "folder")
  )
  var output = "evaluation"

  @Flag(help: "Also put the results into the card of the model's folder.")
  var card = false

  @Option(help: ArgumentHelp("Recorded annotations in AlpacaEval's schema, instead of a model.", valueName: "file"))
  var annotations: String?

  @Option(help: "The most answers that a model generates at once; others wait.")
  var batch = 16

  @Option(help: ModelSettings.help("chat-template"))
  var chatTemplate: String?

  @OptionGroup(title: "Machine") var inference: InferenceOptions
  @OptionGroup(title: "Machine") var compute: ComputeOptions

  func validate() throws {
    guard (1...1024).contains(batch) else { throw ValidationError("--batch must be from 1 to 1024, not \(batch)") }
    guard annotations == nil else {
      guard models.isEmpty else { throw ValidationError("give a model or --annotations, not both") }
      return
    }
    guard (1...2).contains(models.count) else {
      throw ValidationError(
        models.isEmpty
          ? "name a model: a folder, or OWNER/NAME on the hub" : "name one model or two, not \(models.count)")
    }
    guard !tasks.names.isEmpty else {
      throw ValidationError("--tasks is missing: name some of \(EvaluationTasks.names.joined(separator: ", "))")
    }
    try tasks.check()
  }

  func run() throws {
    if let annotations {
      for line in try AnnotationReport(file: annotations, data: tasks.places["alpaca_eval"]).lines { print(line) }
      return
    }
    let folders = try models.map { try ModelFolder.named($0) }
    for folder in folders { try folder.requireLanguageModel() }
    let formats = try models.map { try ChatFormat(model: $0, template: template, beginning: .auto) }
    // All that is asked is known before any weights are loaded.
    let questions = try tasks.questions()
    for remark in questions.flatMap(\.remarks) { note(remark) }
    let folder = URL(filePath: output)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let cache = try AnswerCache(file: folder.appending(path: "answers.jsonl"))

    var reports: [EvaluationReport] = []
    for (name, (model, format)) in zip(models, zip(folders, formats)) {
      let report = try evaluate(name, model, format, questions, cache)
      reports.append(report)
      let file = try report.write(to: folder)
      if card { try report.writeCard(in: model.url) }
      if models.count > 1 { print(name) }
      for line in report.table { print(line) }
      note("wrote \(file.path)")
    }
    guard reports.count == 2 else { return }
    print("")
    for line in reports[0].comparison(with: reports[1]) { print(line) }
  }

  private var template: String? { chatTemplate ?? (tasks.style == .tulu25 ? "tulu" : nil) }

  private func evaluate(
    _ name: String, _ folder: ModelFolder, _ format: ChatFormat, _ questions: [TaskQuestions], _ cache: AnswerCache
  ) throws -> EvaluationReport {
    let start = ContinuousClock.now
    let identity = try folder.fingerprint() + " \(inference.quantize?.rawValue ?? compute.group.dtype.rawValue)"
    let evaluator = Evaluator(
      model: try inference.model(folder, compute), format: format, stopTokens: format.stopTokens(of: folder),
      identity: identity, cache: cache, batchSize: batch)
    var report = EvaluationReport(
      model: name, limit: tasks.limit, style: tasks.style,
      dtype: inference.quantize?.rawValue ?? "\(compute.group.dtype)",
      chatTemplate: format.template.source)
    for question in questions {
      var progress = ProgressLine("\(question.task.name)", total: question.items.count, unit: "items")
      let scored = try evaluator.run(question.task, question.items) { progress.update(done: $0) }
      progress.finish()
      let counts = evaluator.counts
      report.remarks += question.remarks + question.task.notes(on: counts, context: folder.config.contextLength)
      report.add(question.task, scored, total: question.total, dataDigest: question.digest)
    }
    let seconds = (ContinuousClock.now - start).components
    report.seconds = Double(seconds.seconds) + Double(seconds.attoseconds) * 1e-18
    return report
  }
}

extension EvaluationTask {
  /// What a person should know about prompts that were too long, a line each.
  fileprivate func notes(on counts: Evaluator.Counts, context: Int) -> [String] {
    var lines: [String] = []
    if counts.shortened > 0 { lines.append("\(name): \(counts.shortened) prompts had fewer solved examples, to fit") }
    if counts.cut > 0 {
      lines.append(
        "\(name): \(counts.cut) prompts were cut at their beginnings, to fit the context of \(context) tokens")
    }
    for line in lines { note(line) }
    return lines
  }
}
