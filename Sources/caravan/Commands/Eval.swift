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
      item. rewardbench asks reward models, all other tasks language models.

      With --annotations instead of a model, AlpacaEval's win rates of recorded annotations are told.

      Examples:
        caravan eval assistant-dpo --tasks gsm8k,ifeval --limit 100
        caravan eval assistant-sft assistant-dpo --tasks mmlu --shots 0
        caravan eval assistant-dpo --tasks bbh --data bbh=BIG-Bench-Hard
        caravan eval assistant-dpo --tasks mine.jsonl --scorer contains --card
        caravan eval --annotations annotations.json
        caravan eval assistant-dpo --tasks xstest --judge assistant-judge
        caravan eval reward-model --tasks rewardbench
        caravan eval http://localhost:8000/v1 --served-model mine --tasks ifeval
      """)

  @Argument(
    help: ArgumentHelp(
      "The model: a Hugging Face folder, OWNER/NAME on the hub, or the address of a service; or two.",
      valueName: "model"))
  var models: [String] = []

  @OptionGroup(title: "Tasks") var tasks: TaskOptions

  @OptionGroup(title: "Judges") var judging: JudgeOptions

  @Option(
    help: ArgumentHelp(
      "The model's name at an address; instead of a model, give the address of a service such as http://localhost:8000/v1.",
      valueName: "name"))
  var servedModel: String?

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
    if let name = models.first(where: EvaluationTasks.names.contains), !isModel(name) {
      let names = (tasks.names + [name]).joined(separator: ",")
      throw ValidationError("'\(name)' is a task and no model; separate tasks with commas: --tasks \(names)")
    }
    try tasks.check()
    try judging.check(tasks.names)
    let addresses = models.filter(ChatEndpoint.isAddress)
    guard addresses.isEmpty == (servedModel == nil) else {
      throw ValidationError(
        servedModel == nil
          ? "--served-model is missing: which model answers at \(addresses[0])?"
          : "--served-model is the name of a model at an address; no model is one")
    }
    guard addresses.isEmpty || !tasks.isRewarding else {
      throw ValidationError("--tasks: rewardbench asks reward models, and none is at \(addresses[0]); name a folder")
    }
    guard !card || addresses.isEmpty else {
      throw ValidationError("--card: the model at \(addresses[0]) has no folder here")
    }
    guard addresses.isEmpty || chatTemplate == nil else {
      throw ValidationError("--chat-template: the service at \(addresses[0]) writes its own")
    }
  }

  private func isModel(_ name: String) -> Bool {
    ["config.json", "adapter_config.json"].contains { FileManager.default.fileExists(atPath: "\(name)/\($0)") }
  }

  func run() throws {
    if let annotations {
      for line in try AnnotationReport(file: annotations, data: tasks.places["alpaca_eval"]).lines { print(line) }
      return
    }
    let asked = try models.map {
      try Asked($0, template: template, servedModel: servedModel, isRewarding: tasks.isRewarding)
    }
    // All that is asked is known before any weights are loaded.
    let questions = try tasks.questions(judging)
    let judges = try questions.map { question in
      try (question.task as? any JudgedTask).flatMap { try judging.judges(of: $0, inference, compute) }
    }
    for remark in questions.flatMap(\.remarks) { note(remark) }
    let folder = URL(filePath: output)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let cache = try AnswerCache(file: folder.appending(path: "answers.jsonl"))
    let judgements = try Judgements(file: folder.appending(path: "judgements.jsonl"))

    var reports: [EvaluationReport] = []
    for (name, model) in zip(models, asked) {
      let report = try evaluate(model, Array(zip(questions, judges)), cache, judgements)
      reports.append(report)
      let file = try report.write(to: folder)
      if card, let (folder, _) = model.folder { try report.writeCard(in: folder.url) }
      if models.count > 1 { print(name) }
      for line in report.table { print(line) }
      note("wrote \(file.path)")
      try tellLengthControlled(report, in: folder)
    }
    guard reports.count == 2 else { return }
    print("")
    for line in reports[0].comparison(with: reports[1]) { print(line) }
  }

  private var template: String? { chatTemplate ?? (tasks.style == .tulu25 ? "tulu" : nil) }

  /// Asks a model all questions, and the judges what its answers are worth.
  private func evaluate(
    _ asked: Asked, _ questions: [(TaskQuestions, [any Judge]?)], _ cache: AnswerCache, _ judgements: Judgements
  ) throws -> EvaluationReport {
    let start = ContinuousClock.now
    var report = EvaluationReport(
      model: asked.name, limit: tasks.limit, style: tasks.style,
      dtype: asked.isService ? "unknown" : inference.format(compute).rawValue,
      chatTemplate: asked.folder?.1.template.source)
    let answering = try asked.answering(cache, batch: batch, inference, compute)
    for (question, judges) in questions {
      let task = question.task
      var progress = ProgressLine("\(task.name)", total: question.items.count, unit: "items")
      var (scored, remarks) = try answering(task, question.items) { progress.update(done: $0) }
      progress.finish()
      var summary: JudgingSummary?
      if let judges, let judged = task as? any JudgedTask {
        var progress = ProgressLine("judging", total: scored.count * judges.count, unit: "answers")
        let outcome = try judgements.judge(judged, scored, by: judges) { progress.update(done: $0) }
        progress.finish()
        (scored, summary) = (outcome.scored, outcome.summary)
        remarks += outcome.summary.lines(of: task.name)
      }
      for line in remarks { note(line) }
      report.remarks += question.remarks + remarks
      report.add(
        task, scored, total: question.total, dataDigest: question.digest,
        dataRevision: question.revision, judging: summary)
    }
    let seconds = (ContinuousClock.now - start).components
    report.seconds = Double(seconds.seconds) + Double(seconds.attoseconds) * 1e-18
    return report
  }

  /// What AlpacaEval's second version is quoted by.
  private func tellLengthControlled(_ report: EvaluationReport, in folder: URL) throws {
    for entry in report.tasks where entry.task.name == "alpaca_eval_2" && entry.judging != nil {
      let file = report.annotationsFile(entry, in: folder)
      // Beside the instructions lie the difficulties.
      let data = tasks.places["alpaca_eval_2"].map {
        BenchmarkData.isFolder($0) ? $0 : URL(filePath: $0).deletingLastPathComponent().path
      }
      let told = try AnnotationReport(file: file.path, data: data)
      for line in told.lines { print(line) }
    }
  }
}
