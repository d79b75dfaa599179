// Trains with a loss that Caravan does not have: a hinge on each answer's mean log-probability, without a reference.
import Alignment
import Datasets
import Foundation
import Llama
import ModelFiles
import Objectives
import Text
import Training

struct MeanHinge: SequenceObjective {
  func weight(of example: ScoredExample) -> Double { 1 }

  func loss(of pair: ScoredExample, sums: [Double]) -> SequenceLoss {
    let (chosen, rejected) = (Double(pair.counts[0]), Double(pair.counts[1]))
    let margin = sums[0] / chosen - sums[1] / rejected
    return SequenceLoss(
      loss: max(0, 1 - margin), slopes: margin < 1 ? [-1 / chosen, 1 / rejected] : [0, 0], metrics: ["margin": margin])
  }
}

let folder = try ModelFolder(URL(filePath: "tiny"))
let builder = try SequenceBuilder(format: ChatFormat(folder: folder.url, name: "tiny"))
let pairs = try DatasetReader<PreferencePair>(["pairs.jsonl"]).readAll()
let limits = SequenceBuilder.Limits(maximumLength: 512, vocabularySize: folder.config.vocabularySize)
let (examples, _) = try builder.examples(pairs, limits: limits)

var settings = TrainingSettings()
settings.learningRate = 1e-3
var source = ShuffledExamples(examples, batchSize: 8, epochs: 2, seed: 1)
let trainer = try Trainer(
  model: LlamaModel(folder, training: true), objective: MeanHinge(), settings: settings, totalSteps: source.totalSteps)
for step in 0..<source.totalSteps {
  print(try trainer.step(on: source.batch(after: step).examples).result.loss)
}
