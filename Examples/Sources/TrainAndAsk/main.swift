// Teaches a tiny model from conversations, aligns it with pairs of answers, and asks it something.
import Foundation
import Inference
import Recipes

var teaching = SFTRecipe(model: "tiny", data: ["conversations.jsonl"], output: "assistant-sft")
teaching.pace.epochs = 200
teaching.pace.batchSize = 8
teaching.pace.learningRate = 1e-2
try teaching.run()

var aligning = DPORecipe(model: "assistant-sft", data: ["pairs.jsonl"], output: "assistant-dpo")
aligning.pace.learningRate = 1e-4
try aligning.run()

let assistant = try Assistant(aligning.saving.folder)
print(try assistant.answer("Name a red fruit.", maximumTokens: 40))
