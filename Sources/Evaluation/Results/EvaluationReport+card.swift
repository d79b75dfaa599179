import Foundation
import JSON
import ModelFiles
import YAML

extension EvaluationReport {
  /// Puts the results into a model's folder: `model-index` in the header of its card, and `.eval_results/caravan.yaml`,
  /// which the hub reads now. What the card holds otherwise stays to the byte, and so do results of others.
  /// - Throws: `EvaluationError` for a card whose header is not YAML; `ModelFileError` where files cannot be written.
  public func writeCard(in folder: URL) throws {
    let file = folder.appending(path: "README.md")
    let old = FileManager.default.contents(atPath: file.path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    try AtomicFile.write(Array(try card(old, name: folder.lastPathComponent).utf8), to: file.path)
    let results = folder.appending(path: ".eval_results")
    try FileManager.default.createDirectory(at: results, withIntermediateDirectories: true)
    let text = try Self.yaml(evalResults)
    try AtomicFile.write(Array(text.utf8), to: results.appending(path: "caravan.yaml").path)
  }

  /// A card with the results in its header.
  func card(_ old: String, name: String) throws -> String {
    let header = YAML.header(ofCard: old)
    var fields: JSON?
    do { fields = try header.flatMap { text throws(YAML.Problem) in try YAML.json(parsing: text) } } catch {
      throw EvaluationError("README.md: its header is not YAML: \(error.reason); mend it, or leave the card out")
    }
    let known = fields?["model-index"]?.array?.first
    let theirs = known?["results"]?.array?.filter { $0["dataset"]?["args"]?["program"]?.string != Self.program } ?? []
    let index: JSON = [
      ["name": known?["name"] ?? .string(name), "results": .array(theirs + tasks.map(result))]
    ]
    let block = try Self.yaml(["model-index": index])
    guard let header else { return "---\n\(block)---\n\n\(old)" }
    return Self.replacing(header, in: old, with: block)
  }

  /// The card with a block of its header in the place of the old `model-index`, or at the header's end.
  private static func replacing(_ header: String, in card: String, with block: String) -> String {
    var (kept, isOld) = ([String](), false)
    for line in header.components(separatedBy: "\n") {
      // A block goes on to the next line that begins with a key.
      if let first = line.unicodeScalars.first, !" -#".unicodeScalars.contains(first) {
        isOld = line.hasPrefix("model-index:")
      }
      if !isOld { kept.append(line) }
    }
    let lines = card.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    // The fence, the header's lines, the fence.
    let body = lines.dropFirst(header.components(separatedBy: "\n").count + 2).joined(separator: "\n")
    let top = kept.joined(separator: "\n")
    return "---\n\(top)\(top.isEmpty ? "" : "\n")\(block)---\n\(body)"
  }

  // By this our results are known again.
  private static let program = "caravan eval"

  private func result(_ entry: Entry) -> JSON {
    var dataset: TextKeyed<JSON> = [
      "name": .string(entry.task.title), "type": .string(entry.task.source.repository ?? entry.task.name),
    ]
    if let configuration = entry.task.source.configuration { dataset["config"] = .string(configuration) }
    dataset["split"] = .string(entry.task.source.split)
    if let revision = entry.dataRevision { dataset["revision"] = .string(revision) }
    dataset["args"] = [
      "num_few_shot": .integer(entry.result.shots), "items": .integer(entry.result.count),
      "program": .string(Self.program),
    ]
    return [
      "task": ["type": "text-generation"], "dataset": .object(dataset),
      "metrics": .array(
        entry.result.values.map {
          ["type": .string($0.metric.name), "value": .number($0.value), "name": .string($0.label)]
        }),
    ]
  }

  /// A value for each task that the hub knows, as `.eval_results` has them.
  private var evalResults: JSON {
    .array(
      tasks.compactMap { entry in
        guard let repository = entry.task.source.repository, let value = entry.result.values.first else { return nil }
        var dataset: TextKeyed<JSON> = [
          "id": .string(repository), "task_id": .string(entry.task.source.configuration ?? "default"),
        ]
        // Data from elsewhere are of no revision.
        if let revision = entry.dataRevision { dataset["revision"] = .string(revision) }
        return [
          "dataset": .object(dataset), "value": .number(value.value), "date": .string(String(dateName.prefix(10))),
          "notes": .string("\(value.label), \(entry.result.shots)-shot, style \(style.rawValue)"),
        ]
      })
  }

  private static func yaml(_ value: JSON) throws(EvaluationError) -> String {
    do { return try YAML.text(of: value) } catch {
      throw EvaluationError("the results cannot be written as YAML: \(error.reason)")
    }
  }
}
