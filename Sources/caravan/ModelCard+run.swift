import Alignment
import Foundation
import JSON
import ModelFiles
import Reporting
import Text
import Training

extension ModelCard {
  /// The card of a finished run.
  init(
    method: Method, base: ModelFolder, format: ChatFormat, data: [DataCounts],
    options: TextKeyed<JSON>, folder: URL, history: RunHistory
  ) throws {
    let readme = FileManager.default.contents(atPath: base.url.appending(path: "README.md").path) ?? Data()
    var hyperparameters: TextKeyed<String> = [:]
    let apart: Set = ["model", "reference", "data", "eval-data", "save-every", "keep", "device", "threads", "dtype"]
    for (name, value) in options where !apart.contains(name) { hyperparameters[name] = value.string ?? value.text }
    var evaluations: [Evaluation] = []
    if !history.lastEvaluation.isEmpty {
      evaluations.append(
        Evaluation(
          dataset: data.last?.name ?? "held-out data",
          results: TextKeyed(history.lastEvaluation.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })))
    }
    self.init(
      name: folder.lastPathComponent, method: method,
      baseModel: options["model"]?.string.map(Named.title) ?? base.url.lastPathComponent,
      baseCard: BaseCard(String(decoding: readme, as: UTF8.self)),
      chatFormat: try format.text([Message(role: "user", content: "Your message here!")], addingGenerationPrompt: true),
      data: data, hyperparameters: hyperparameters, steps: history.steps, evaluations: evaluations,
      cost: Cost(
        device: "CPU, \(options["threads"]?.int ?? ProcessInfo.processInfo.activeProcessorCount) threads",
        dtype: options["dtype"]?.string ?? "float32", seconds: history.seconds, tokens: history.tokenCount,
        peakMemoryBytes: SystemMemory.peak))
    isWhole = history.gap == nil
  }
}
