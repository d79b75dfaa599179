// Answers several questions at once.
import Foundation
import Inference
import ModelFiles
import Text

let folder = try ModelFolder(URL(filePath: "assistant-dpo"))
let format = try ChatFormat(folder: folder.url, name: "assistant-dpo")
let batch = ContinuousBatch(model: try InferenceModel(folder))

let questions = ["Name a red fruit.", "Where do owls sleep?", "Count to four."]
let requests = try questions.map { question in
  let prompt = try format.tokens([Message(role: "user", content: question)], addingGenerationPrompt: true)
  return ContinuousBatch.Request(prompt: prompt, stopTokens: format.stopTokens(of: folder), maximumTokens: 40)
}
for (question, answer) in zip(questions, try batch.complete(requests)) {
  print(question, format.tokenizer.decode(answer))
}
