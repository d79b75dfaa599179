import Hashing
import JSON

extension EvaluationReport.Entry {
  /// The items as lm-evaluation-harness writes them: one for each way in which answers are read.
  var samples: [JSON] {
    var filters: [String] = []
    for metric in task.metrics where !filters.contains(metric.filter) { filters.append(metric.filter) }
    return scored.flatMap { one in filters.map { sample(one, filter: $0) } }
  }

  /// SHA-256 over the samples' hashes, by which one sees whether two runs asked the same.
  var hash: String {
    Digest.sha256(
      scored.map { Self.hash($0.item.document.prettyText) + Self.hash($0.prompt) + Self.hash($0.item.target) }.joined()
        .utf8
    ).hexadecimal
  }

  /// How the task was run.
  var configuration: JSON {
    [
      "task": .string(task.name), "dataset_path": .string(task.source.repository ?? task.source.address),
      "dataset_name": task.source.configuration.map(JSON.string) ?? .null, "test_split": .string(task.source.split),
      "num_fewshot": .integer(task.shots),
      "metric_list": .array(
        task.metrics.map { ["metric": .string($0.name), "higher_is_better": .bool($0.isHigherBetter)] }),
      "output_type": .string(outputType), "repeats": 1,
      "metadata": .object(metadata),
    ]
  }

  private var metadata: TextKeyed<JSON> {
    var metadata: TextKeyed<JSON> = ["version": .number(Double(task.version)), "data_sha256": .string(dataDigest)]
    if let dataRevision { metadata["dataset_revision"] = .string(dataRevision) }
    if let judging { metadata["judging"] = judging.json }
    return metadata
  }

  private var outputType: String {
    switch scored.first?.item.request {
    case .likelihoods: "multiple_choice"
    case .rewards: "rewards"
    case .answer, .none: "generate_until"
    }
  }

  private func sample(_ one: ScoredItem, filter: String) -> JSON {
    let arguments = one.arguments
    var members: TextKeyed<JSON> = [
      "doc_id": .integer(one.number), "doc": one.item.document, "target": .string(one.item.target),
      "arguments": .object(
        TextKeyed(
          arguments.enumerated().map { ("gen_args_\($0)", ["arg_0": .string($1.prompt), "arg_1": $1.rest] as JSON) })),
      "resps": .array(one.responses), "filtered_resps": .array(one.filteredResponses), "filter": .string(filter),
    ]
    let metrics = task.metrics.filter { $0.filter == filter && one.scores[$0.key] != nil }
    members["metrics"] = .array(metrics.map { .string($0.name) })
    members["doc_hash"] = .string(Self.hash(one.item.document.prettyText))
    members["prompt_hash"] = .string(Self.hash(arguments.first?.prompt ?? one.prompt))
    members["target_hash"] = .string(Self.hash(one.item.target))
    for metric in metrics {
      let numbers = one.scores[metric.key] ?? []
      members[metric.name] = metric.isByItem ? .number(numbers.first ?? 0) : .array(numbers.map(JSON.number))
    }
    return .object(members)
  }

  private static func hash(_ text: String) -> String { Digest.sha256(text.utf8).hexadecimal }
}

extension ScoredItem {
  /// What the model was asked, request by request.
  fileprivate var arguments: [(prompt: String, rest: JSON)] {
    switch item.request {
    case .answer(let decoding):
      var rest: TextKeyed<JSON> = [
        "until": .array(decoding.stops.map(JSON.string)), "do_sample": .bool(decoding.temperature > 0),
        "max_gen_toks": .integer(decoding.maximumTokens),
      ]
      if decoding.temperature > 0 { rest["temperature"] = .number(decoding.temperature) }
      return [(prompt, .object(rest))]
    case .likelihoods(let candidates): return candidates.map { (prompt + $0.beginning, .string($0.text)) }
    case .rewards(let answers): return answers.map { (prompt, .string($0)) }
    }
  }

  fileprivate var responses: [JSON] {
    switch answer {
    case .texts(let texts): [.array(texts.map(JSON.string))]
    case .likelihoods, .rewards: filteredResponses.map { [$0] }
    }
  }

  fileprivate var filteredResponses: [JSON] {
    switch answer {
    case .texts(let texts): Array(texts.map(JSON.string))
    case .likelihoods(let all):
      // Python's words, as texts.
      all.map { [.string("\($0.logProbability)"), .string($0.isGreedy ? "True" : "False")] }
    case .rewards(let all): all.map { $0.map(JSON.number) ?? .null }
    }
  }
}

extension EvaluationReport.Entry {
  /// A judge's annotations in AlpacaEval's schema; nil for other tasks, and where there was no judge.
  func alpacaAnnotations(model: String) -> JSON? {
    guard let task = task as? AlpacaEvalTask, let judging else { return nil }
    return .array(
      scored.map { one in
        let rate = one.scores[task.judgedMetric.key]?.first
        return [
          "instruction": one.item.document["instruction"] ?? .null, "output_1": .string(one.item.target),
          "generator_1": one.item.document["generator"] ?? .null, "output_2": .string(one.answer.text),
          "generator_2": .string(model), "dataset": one.item.document["dataset"] ?? .null,
          "annotator": .string(judging.judges.first?.name ?? "unknown"),
          "preference": rate.map { .number($0 + 1) } ?? .null,
        ]
      })
  }

  /// The outputs as AlpacaEval's judge takes them; nil for other tasks.
  func alpacaOutputs(model: String) -> JSON? {
    guard task is AlpacaEvalTask else { return nil }
    return .array(
      scored.map { one in
        [
          "dataset": one.item.document["dataset"] ?? .null, "instruction": one.item.document["instruction"] ?? .null,
          "output": .string(one.answer.text), "generator": .string(model),
        ]
      })
  }
}
