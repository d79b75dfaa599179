import Alignment
import ArgumentParser
import Text

/// What lengths are counted in: the tokens of a model, or characters.
struct LengthOptions: ParsableArguments {
  @Option(help: ModelOptions.modelHelp)
  var model: String?

  @Option(help: ModelOptions.chatTemplateHelp)
  var chatTemplate: String?

  @Option(help: ModelOptions.bosHelp)
  var bos: ChatFormat.BeginningRule = .auto

  func validate() throws {
    guard model != nil || chatTemplate == nil else { throw ValidationError("--chat-template needs a --model") }
  }

  /// How lengths are measured.
  func measure() throws -> LengthMeasure {
    guard let model else { return LengthMeasure() }
    return LengthMeasure(try ChatFormat(model: model, template: chatTemplate, beginning: bos))
  }
}

/// The lengths of messages and conversations.
struct LengthMeasure: Sendable {
  /// What is counted: `tokens`, or `characters`, which are Unicode code points.
  let unit: String
  /// The length of messages' texts alone.
  let length: @Sendable ([Message]) throws -> Int
  /// The length of a whole conversation; in tokens, with all that the chat template writes.
  let total: @Sendable ([Message]) throws -> Int

  /// Lengths in characters.
  init() {
    unit = "characters"
    length = { messages in messages.reduce(0) { $0 + $1.content.unicodeScalars.count } }
    total = length
  }

  /// Lengths in tokens.
  init(_ format: ChatFormat) {
    unit = "tokens"
    length = { messages in messages.reduce(0) { $0 + format.tokenizer.encode($1.content).count } }
    total = { messages in try format.tokens(messages, addingGenerationPrompt: false).count }
  }
}
