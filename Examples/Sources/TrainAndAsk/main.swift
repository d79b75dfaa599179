// Teaches a tiny model from conversations, aligns it with pairs of answers, and asks it something.
import Foundation
import Inference
import Recipes

let fixtures = "../Tests/TrainingTests/Fixtures/"
let folder = FileManager.default.temporaryDirectory.appending(path: "example-\(UUID().uuidString)")

var teaching = SFTRecipe(
  model: fixtures + "model", data: [fixtures + "conversations.jsonl"], output: folder.appending(path: "sft").path)
teaching.pace.epochs = 200
teaching.pace.batchSize = 8
teaching.pace.learningRate = 1e-2
try teaching.run()

var aligning = DPORecipe(
  model: teaching.saving.output, data: [fixtures + "pairs.jsonl"], output: folder.appending(path: "dpo").path)
aligning.pace.learningRate = 1e-4
try aligning.run()

let assistant = try Assistant(aligning.saving.folder)
print(try assistant.answer("Name a red fruit.", maximumTokens: 40))
