// Evaluates a model by a benchmark of one's own.
import Evaluation
import Foundation
import Inference
import ModelFiles
import Text

let file = URL(filePath: "fruit.jsonl")
try Data(#"{"prompt": "Name a red fruit.", "answer": ["cherry", "apple"]}"#.utf8).write(to: file)

let folder = try ModelFolder(URL(filePath: "assistant-dpo"))
let format = try ChatFormat(folder: folder.url, name: "assistant-dpo")
let evaluator = Evaluator(
  model: try InferenceModel(folder), format: format, stopTokens: format.stopTokens(of: folder),
  identity: try folder.fingerprint())

let task = OwnTask(file: file.path, scorer: .contains)
let items = try task.items(of: BenchmarkData(at: file.path))
var report = EvaluationReport(model: "assistant-dpo")
report.add(task, try evaluator.run(task, items), total: items.count)
for line in report.table { print(line) }
