// Prints an answer while it is generated, by an engine that serves many tasks.
import Foundation
import Inference
import ModelFiles
import Text

let folder = try ModelFolder(URL(filePath: "assistant-dpo"))
let format = try ChatFormat(folder: folder.url, name: "assistant-dpo")
let model = try ComputeThread.shared.perform { try InferenceModel(folder, format: .int8) }
let engine = GenerationEngine(model: model, tokenizer: format.tokenizer)

let question = Message(role: "user", content: "Where do owls sleep?")
var request = GenerationRequest(prompt: try format.tokens([question], addingGenerationPrompt: true))
request.stopTokens = format.stopTokens(of: folder)
request.maximumTokens = 40
for try await event in try engine.generate(request) {
  switch event {
  case .prompt: break
  case .part(let text, _): print(text, terminator: "")
  case .finished(let end): print("\n\(end.answerTokens) tokens, ended by \(end.reason)")
  }
}
