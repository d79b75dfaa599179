// A conversation as its model reads it: text and tokens.
import Foundation
import Text

let format = try ChatFormat(folder: URL(filePath: "tiny"), name: "tiny")
let conversation = [Message(role: "user", content: "Hello."), Message(role: "assistant", content: "Good day!")]
print(try format.text(conversation, addingGenerationPrompt: false))

let tokens = try format.tokens(conversation, addingGenerationPrompt: false)
print(tokens)
print(format.tokenizer.decode(tokens, skippingSpecialTokens: false))
