import Alignment
import Evaluation
import Foundation
import JSON
import ModelFiles
import Objectives
import Reporting
import Text
import Torch
import Training

/// The card of a finished run's model.
struct RunCard {
  private let card: ModelCard
  private let folder: URL
  /// Why the card cannot tell the whole course of the run; nil where it can.
  let gap: String?

  init(
    folder: URL, record: TextKeyed<JSON>, words: ObjectiveWords, base: ModelFolder, head: LlamaConfig.Head,
    isAdapter: Bool,
    format: ChatFormat, data: [DataUse], stepCount: Int, device: String, locator: any Locator
  ) throws {
    let history = RunHistory(folder: folder, stepCount: stepCount, figures: words.figures.map(\.metric))
    let readme = FileManager.default.contents(atPath: base.url.appending(path: "README.md").path) ?? Data()
    var hyperparameters: TextKeyed<String> = [:]
    let apart: Set = [
      "model", "reference", "data", "eval-data", "save-every", "keep", "device", "threads", "dtype", "shard",
      "collective-timeout",
    ]
    for (name, value) in record where !apart.contains(name) { hyperparameters[name] = value.string ?? value.text }
    let data = data.map { ModelCard.DataCounts($0, locator) }
    var evaluations: [ModelCard.Evaluation] = []
    // A benchmark's figures are of its own data.
    let tasks = (record["eval-task"]?.array ?? []).compactMap(\.string).map { Self.taskName($0) }
    var rest = history.lastEvaluation
    for task in tasks {
      let own = rest.filter { $0.name.hasPrefix("eval_\(task)/") }
      rest.removeAll { $0.name.hasPrefix("eval_\(task)/") }
      evaluations.append(
        Self.evaluation(task, own.map { (String($0.name.dropFirst("eval_\(task)/".count)), $0.value) }))
    }
    if !rest.isEmpty {
      evaluations.insert(Self.evaluation(data.last?.name ?? "held-out data", rest.map { ($0.name, $0.value) }), at: 0)
    }
    var card = ModelCard(
      name: folder.lastPathComponent, words: words,
      baseModel: record["model"]?.string.map(locator.title) ?? base.url.lastPathComponent,
      baseCard: BaseCard(String(decoding: readme, as: UTF8.self)),
      chatFormat: try format.text([Message(role: "user", content: "Your message here!")], addingGenerationPrompt: true),
      data: data, hyperparameters: hyperparameters, steps: history.steps, evaluations: evaluations,
      cost: ModelCard.Cost(
        device: device,
        dtype: record["dtype"]?.string ?? "float32", seconds: history.seconds, tokens: history.tokenCount,
        peakMemoryBytes: SystemMemory.peak))
    card.isWhole = history.gap == nil
    if head != .vocabulary { card.kind = .reward }
    card.isAdapter = isAdapter
    self.card = card
    self.folder = folder
    gap = history.gap
  }

  private static func evaluation(_ dataset: String, _ figures: [(String, Double)]) -> ModelCard.Evaluation {
    ModelCard.Evaluation(dataset: dataset, results: TextKeyed(figures, uniquingKeysWith: { $1 }))
  }

  /// The name of a task that may have a path to its data, or be a file.
  private static func taskName(_ text: String) -> String {
    let name = String(text.prefix { $0 != "=" })
    return EvaluationTasks.names.contains(name) ? name : OwnTask(file: text, scorer: .contains).name
  }

  /// Writes it as the folder's `README.md`.
  func write() throws {
    try AtomicFile.write(Array(try card.markdown().utf8), to: folder.appending(path: "README.md").path)
  }
}

extension ModelCard.DataCounts {
  fileprivate init(_ use: DataUse, _ locator: any Locator) {
    var dropped: TextKeyed<Int> = [:]
    for tally in use.reading?.skipped ?? [] { dropped[tally.reason] = tally.count }
    for tally in use.sequences.leftOut { dropped[tally.reason] = tally.count }
    self.init(
      name: use.names.map(locator.title).joined(separator: ", "), read: use.readCount,
      kept: use.sequences.kept, dropped: dropped, truncated: use.sequences.cut,
      drawn: use.drawnCount)
  }
}
