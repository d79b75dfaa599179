// A conversation as its model reads it: text and tokens.
import Foundation
import Text

let format = try ChatFormat(folder: URL(filePath: "../Tests/TrainingTests/Fixtures/model"), name: "tiny")
let conversation = [Message(role: "user", content: "Hello."), Message(role: "assistant", content: "Good day!")]
print(try format.text(conversation, addingGenerationPrompt: false))
print(try format.tokens(conversation, addingGenerationPrompt: false))
