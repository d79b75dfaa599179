// Asks a model: a question, then a conversation with an answer that is sampled.
import Foundation
import Inference
import Text

let assistant = try Assistant(URL(filePath: "assistant-dpo"))
print(try assistant.answer("Name a red fruit.", maximumTokens: 40))

let conversation = [
  Message(role: "system", content: "You answer in one word."),
  Message(role: "user", content: "Is snow cold?"),
]
let sampling = SamplingParameters(temperature: 0.7, topP: 0.9, seed: 7)
print(try assistant.answer(conversation, sampling: sampling, maximumTokens: 40))
