import Evaluation
import Foundation
import Inference
import ModelFiles
import Rollouts
import Text
import Torch

/// A model that is evaluated: a folder, whose weights are loaded, or a service.
struct Asked {
  enum Place {
    case folder(ModelFolder, ChatFormat)
    case rewardModel(ModelFolder, ChatFormat)
    case service(ChatEndpoint)
  }

  /// How results call it.
  let name: String
  let place: Place

  /// The model that people name.
  /// - Parameter isRewarding: whether it is asked what answers are worth.
  /// - Throws: errors of the folder and of the address.
  init(_ name: String, template: String?, servedModel: String?, isRewarding: Bool) throws {
    guard !ChatEndpoint.isAddress(name) else {
      let endpoint = try ChatEndpoint(name, model: servedModel ?? "", key: serviceKey)
      (self.name, place) = (endpoint.model, .service(endpoint))
      return
    }
    let folder = try ModelFolder.named(name)
    if isRewarding { try folder.requireRewardModel() } else { try folder.requireLanguageModel() }
    let format = try ChatFormat(model: name, template: template, beginning: .auto)
    (self.name, place) = (name, isRewarding ? .rewardModel(folder, format) : .folder(folder, format))
  }

  var isService: Bool { if case .service = place { true } else { false } }

  /// The model's folder and how it was taught conversations; nil for a service.
  var folder: (ModelFolder, ChatFormat)? {
    switch place {
    case .folder(let folder, let format), .rewardModel(let folder, let format): (folder, format)
    case .service: nil
    }
  }

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
    case .rewardModel(let folder, let format):
      try compute.group.start()
      let type: FrozenFormat = inference.quantize == .int8 ? .int8 : .float32
      let evaluator = RewardEvaluator(
        try ModelReward(folder, format: format, keeping: type, dtype: compute.group.dtype),
        identity: try inference.identity(of: folder, compute), cache: cache)
      return { task, items, progress in
        let scored = try evaluator.run(task, items, progress: progress)
        return (scored, task.notes(on: evaluator.counts))
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
  /// What a person should know about answers without rewards.
  fileprivate func notes(on counts: RewardEvaluator.Counts) -> [String] {
    guard counts.failed > 0 else { return [] }
    return ["\(name): \(counts.failed) items have no rewards and count nowhere (\(counts.firstFailure ?? ""))"]
  }

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
