import Evaluation
import Foundation
import Inference
import ModelFiles
import Text

/// A model that is evaluated: a folder, whose weights are loaded, or a service.
struct Asked {
  enum Place {
    case folder(ModelFolder, ChatFormat)
    case service(ChatEndpoint)
  }

  /// How results call it.
  let name: String
  let place: Place

  /// The model that people name.
  /// - Throws: errors of the folder and of the address.
  init(_ name: String, template: String?, servedModel: String?) throws {
    guard !ChatEndpoint.isAddress(name) else {
      let endpoint = try ChatEndpoint(name, model: servedModel ?? "", key: serviceKey)
      (self.name, place) = (endpoint.model, .service(endpoint))
      return
    }
    let folder = try ModelFolder.named(name)
    try folder.requireLanguageModel()
    (self.name, place) = (name, .folder(folder, try ChatFormat(model: name, template: template, beginning: .auto)))
  }

  var isService: Bool { if case .service = place { true } else { false } }

  /// The text of its chat template; nil where only the service knows it.
  var chatTemplate: String? { if case .folder(_, let format) = place { format.template.source } else { nil } }

  /// What answers and scores items of a task, and says what a person should know about that, a line each.
  typealias Answering = (
    _ task: any EvaluationTask, _ items: [EvaluationItem], _ progress: (Int) -> Void
  ) throws -> (scored: [ScoredItem], remarks: [String])

  /// Loads the weights, where there are some.
  func answering(
    _ cache: AnswerCache, batch: Int, _ inference: InferenceOptions, _ compute: ComputeOptions
  ) throws -> Answering {
    switch place {
    case .service(let endpoint):
      let evaluator = EndpointEvaluator(endpoint, cache: cache)
      return { task, items, progress in
        (try evaluator.run(task, items, progress: progress), EndpointEvaluator.remarks(on: task, items))
      }
    case .folder(let folder, let format):
      let identity = try inference.identity(of: folder, compute)
      let evaluator = Evaluator(
        model: try inference.model(folder, compute), format: format, stopTokens: format.stopTokens(of: folder),
        identity: identity, cache: cache, batchSize: batch)
      return { task, items, progress in
        let scored = try evaluator.run(task, items, progress: progress)
        return (scored, task.notes(on: evaluator.counts, context: folder.config.contextLength))
      }
    }
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
    return lines
  }
}
