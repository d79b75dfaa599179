// Supervised fine-tuning, step by step.
import Alignment
import Datasets
import Foundation
import Llama
import ModelFiles
import Objectives
import Text
import Training

let folder = try ModelFolder(URL(filePath: "tiny"))
let builder = try SequenceBuilder(format: ChatFormat(folder: folder.url, name: "tiny"))
let conversations = try DatasetReader<Conversation>(["conversations.jsonl"]).readAll()
let limits = SequenceBuilder.Limits(maximumLength: 512, vocabularySize: folder.config.vocabularySize)
let (examples, report) = try builder.examples(conversations, limits: limits)
print("\(report.kept) of \(report.read) conversations")

var source = ShuffledExamples(examples, batchSize: 8, epochs: 2, seed: 1)
let trainer = try Trainer(
  model: LlamaModel(folder, training: true), objective: SupervisedObjective(), settings: TrainingSettings(),
  totalSteps: source.totalSteps)
for step in 0..<source.totalSteps {
  print(try trainer.step(on: source.batch(after: step).examples).result.loss)
}
