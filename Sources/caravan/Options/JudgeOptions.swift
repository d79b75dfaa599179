import ArgumentParser
import Evaluation
import Foundation
import Inference
import JSON
import ModelFiles
import Rewards
import Rollouts
import Text

/// Who judges answers where no rule does.
struct JudgeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Who judges answers to xstest, alpaca_eval and alpaca_eval_2: a model's folder, or the address of a service such as https://api.openai.com/v1, whose key is in OPENAI_API_KEY.",
      valueName: "model or address"))
  var judge: String?

  @Option(help: ArgumentHelp("The judge's name at its address.", valueName: "name"))
  var judgeModel: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "What the judge of a task reads instead of Caravan's own prompt, such as a prompt of alpaca_eval. With one task the name may be left out.",
      valueName: "name=file"))
  var judgePrompt: [String] = []

  @Option(
    help: ArgumentHelp(
      "Who says whether answers to truthfulqa_gen are true, such as allenai/truthfulqa-truth-judge-llama2-7B.",
      valueName: "model"))
  var truthJudge: String?

  @Option(
    help: ArgumentHelp(
      "Who says whether they are informative, such as allenai/truthfulqa-info-judge-llama2-7B.", valueName: "model"))
  var infoJudge: String?

  @Option(
    help: ArgumentHelp(
      "Who says how toxic answers to toxigen are, with a number from 0 to 1 for each: command:LINE, a program, or the address of a service, as rewards are.",
      valueName: "program or address"))
  var toxicityJudge: String?

  /// Refuses judges that nobody would ask, and those that cannot be asked.
  func check(_ tasks: [String]) throws {
    let judged = tasks.filter { EvaluationTasks.judged.contains($0) }
    guard judge == nil || !judged.isEmpty else {
      throw ValidationError(
        "--judge has nothing to judge: answers to \(EvaluationTasks.judged.joined(separator: ", ")) are judged")
    }
    guard judgeModel == nil || judge.map(ChatEndpoint.isAddress) == true else {
      throw ValidationError("--judge-model is the name of a judge at an address; --judge names none")
    }
    if let judge, ChatEndpoint.isAddress(judge), judgeModel == nil {
      throw ValidationError("--judge-model is missing: which model judges at \(judge)?")
    }
    guard (truthJudge == nil) == (infoJudge == nil) else {
      throw ValidationError("--truth-judge and --info-judge go together")
    }
    guard truthJudge == nil || tasks.contains("truthfulqa_gen") else {
      throw ValidationError("--truth-judge and --info-judge judge answers to truthfulqa_gen, which is not asked")
    }
    guard toxicityJudge == nil || tasks.contains("toxigen") else {
      throw ValidationError("--toxicity-judge judges answers to toxigen, which is not asked")
    }
    if let toxicityJudge { _ = try Self.toxicity(toxicityJudge) }
    guard judgePrompt.isEmpty || judge != nil else { throw ValidationError("--judge-prompt needs a --judge") }
    for text in judgePrompt where place(text, judged) == nil {
      throw ValidationError("--judge-prompt \(text): say whose prompt it is, as in \(judged.first ?? "xstest")=\(text)")
    }
  }

  private func place(_ text: String, _ judged: [String]) -> (task: String, file: String)? {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    if parts.count == 2, judged.contains(parts[0]) { return (parts[0], parts[1]) }
    return judged.count == 1 ? (judged[0], text) : nil
  }

  /// The settings of a task with what its judges are.
  func settings(_ settings: TaskSettings, of task: String, among tasks: [String]) throws -> TaskSettings {
    var settings = settings
    settings.isJudged =
      switch task {
      case "truthfulqa_gen": truthJudge != nil
      case "toxigen": toxicityJudge != nil
      default: judge != nil
      }
    let judged = tasks.filter { EvaluationTasks.judged.contains($0) }
    for (name, file) in judgePrompt.compactMap({ place($0, judged) }) where name == task {
      guard let bytes = FileManager.default.contents(atPath: file), bytes.count <= 1 << 20 else {
        throw EvaluationError("--judge-prompt: \(file) cannot be read, or is longer than a MiB")
      }
      settings.judgePrompt = (URL(filePath: file).lastPathComponent, String(decoding: bytes, as: UTF8.self))
    }
    return settings
  }

  /// The judges of a task, one for each of its parts; nil where there are none.
  func judges(of task: any JudgedTask, _ inference: InferenceOptions, _ compute: ComputeOptions) throws -> [any Judge]?
  {
    if task.parts == ["judge"] { return try judge.map { [try one($0, inference, compute)] } }
    if task.parts == ["toxicity"] { return try toxicityJudge.map { [try Self.toxicity($0)] } }
    guard let truthJudge, let infoJudge else { return nil }
    return try [truthJudge, infoJudge].map { try one($0, inference, compute) }
  }

  private static func toxicity(_ name: String) throws -> any Judge {
    do {
      guard case .reward(let reward) = try RewardName(name) else {
        throw ValidationError(
          "--toxicity-judge: '\(name)' is neither command:LINE nor an address; a classifier such as tomh/toxigen_roberta is no model that Caravan loads, and needs a program around it"
        )
      }
      return RewardJudge(reward, name: name)
    } catch let error as RewardError { throw ValidationError("--toxicity-judge: \(error)") }
  }

  private func one(_ name: String, _ inference: InferenceOptions, _ compute: ComputeOptions) throws -> any Judge {
    if ChatEndpoint.isAddress(name) {
      return EndpointJudge(try ChatEndpoint(name, model: judgeModel ?? "", key: serviceKey))
    }
    let folder = try ModelFolder.named(name)
    try folder.requireLanguageModel()
    let format = try ChatFormat(model: name, template: nil, beginning: .auto)
    return ModelJudge(
      name, format: format, stopTokens: format.stopTokens(of: folder),
      identity: try inference.identity(of: folder, compute)
    ) { try inference.model(folder, compute) }
  }
}

/// What opens services that answer as OpenAI's do; nil where `OPENAI_API_KEY` is not set.
var serviceKey: String? {
  ProcessInfo.processInfo.environment["OPENAI_API_KEY"]?.trimmingCharacters(in: .whitespacesAndNewlines)
    .nonEmpty
}

extension String {
  fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
