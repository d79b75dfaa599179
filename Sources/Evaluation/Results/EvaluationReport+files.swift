import Foundation
import Hashing
import JSON
import ModelFiles

extension EvaluationReport {
  /// Writes `FOLDER/MODEL/results_DATE.json`, `samples_TASK_DATE.jsonl` for each task, and `results_DATE.html`, as
  /// lm-evaluation-harness names and fills them.
  /// - Returns: the file with the results.
  /// - Throws: `ModelFileError` where they cannot be written.
  @discardableResult
  public func write(to folder: URL) throws -> URL {
    let place = folder.appending(path: modelFolder)
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    for entry in tasks {
      let lines = entry.samples.map { $0.text + "\n" }.joined()
      try AtomicFile.write(
        Array(lines.utf8), to: place.appending(path: "samples_\(entry.task.name)_\(dateName).jsonl").path)
      if let outputs = entry.alpacaOutputs(model: model) {
        try AtomicFile.write(
          Array(outputs.prettyText.utf8), to: place.appending(path: "model_outputs_\(dateName).json").path)
      }
      if let annotations = entry.alpacaAnnotations(model: model) {
        try AtomicFile.write(Array(annotations.prettyText.utf8), to: annotationsFile(entry, in: folder).path)
      }
    }
    try AtomicFile.write(
      Array(EvaluationPage(self).html.utf8), to: place.appending(path: "results_\(dateName).html").path)
    let file = place.appending(path: "results_\(dateName).json")
    try AtomicFile.write(Array(json.prettyText.utf8), to: file.path)
    return file
  }

  /// Where a judge's annotations of a task go.
  public func annotationsFile(_ entry: Entry, in folder: URL) -> URL {
    folder.appending(path: modelFolder).appending(path: "annotations_\(entry.task.name)_\(dateName).json")
  }

  /// The results as lm-evaluation-harness writes them.
  public var json: JSON {
    var (results, groups, subtasks): (TextKeyed<JSON>, TextKeyed<JSON>, TextKeyed<JSON>) = ([:], [:], [:])
    for entry in tasks {
      let result = entry.result
      results[result.name] = Self.result(result.name, result.title, result.values, result.count)
      guard !result.groups.isEmpty else { continue }
      groups[result.name] = results[result.name]
      let names = result.groups.map { ("\(result.name)_\($0.name)", $0) }
      subtasks[result.name] = .array(names.map { .string($0.0) })
      for (name, group) in names { results[name] = Self.result(name, " - \(group.name)", group.values, group.count) }
    }
    func byTask(_ value: (Entry) -> JSON) -> JSON { .object(TextKeyed(tasks.map { ($0.task.name, value($0)) })) }
    var members: TextKeyed<JSON> = ["results": .object(results)]
    if groups.map(\.key).count > 0 { members["groups"] = .object(groups) }
    members["group_subtasks"] = .object(subtasks)
    members["configs"] = byTask(\.configuration)
    members["versions"] = byTask { .number(Double($0.task.version)) }
    members["n-shot"] = byTask { .integer($0.task.shots) }
    members["higher_is_better"] = byTask { entry in
      .object(TextKeyed(entry.task.metrics.map { ($0.name, .bool($0.isHigherBetter)) }))
    }
    members["n-samples"] = byTask { ["original": .integer($0.total), "effective": .integer($0.result.count)] }
    members["config"] = [
      "model": "caravan", "model_args": ["pretrained": .string(model), "dtype": .string(dtype)],
      "batch_size": .null, "batch_sizes": [], "device": "cpu", "use_cache": .null,
      "limit": limit.map { .number(Double($0)) } ?? .null, "bootstrap_iters": 0, "gen_kwargs": [:], "random_seed": 0,
      "numpy_seed": 1234, "torch_seed": 1234, "fewshot_seed": 1234, "style": .string(style.rawValue),
    ]
    members["git_hash"] = .null
    members["date"] = .number(date.timeIntervalSince1970)
    members["pretty_env_info"] = .string("Caravan on \(ProcessInfo.processInfo.operatingSystemVersionString)")
    for name in ["transformers_version", "lm_eval_version", "upper_git_hash"] { members[name] = .null }
    members["task_hashes"] = byTask { .string($0.hash) }
    members["model_source"] = "caravan"
    members["model_name"] = .string(model)
    members["model_name_sanitized"] = .string(modelFolder)
    members["system_instruction"] = .null
    members["system_instruction_sha"] = .null
    members["fewshot_as_multiturn"] = .bool(false)
    members["chat_template"] = chatTemplate.map(JSON.string) ?? .null
    members["chat_template_sha"] = chatTemplate.map { .string(Digest.sha256($0.utf8).hexadecimal) } ?? .null
    members["total_evaluation_time_seconds"] = .string("\(seconds)")
    return .object(members)
  }

  private static func result(_ name: String, _ alias: String, _ values: [MetricValue], _ count: Int) -> JSON {
    var members: TextKeyed<JSON> = ["name": .string(name), "alias": .string(alias), "sample_len": .integer(count)]
    for value in values {
      members[value.metric.key] = .number(value.value)
      members["\(value.metric.name)_stderr,\(value.metric.filter)"] = value.standardError.map(JSON.number) ?? "N/A"
    }
    return .object(members)
  }
}
