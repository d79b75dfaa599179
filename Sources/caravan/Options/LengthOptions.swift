import ArgumentParser
import Datasets
import Recipes
import Text

/// What lengths are counted in: the tokens of a model, or characters.
struct LengthOptions: ParsableArguments {
  @Option(help: ModelSettings.help("model"))
  var model: String?

  @Option(help: ModelSettings.help("chat-template"))
  var chatTemplate: String?

  @Option(help: ModelSettings.help("bos"))
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
  /// The lengths of a record's whole conversations, one for each answer; in tokens, with all that the chat template writes.
  let totals: @Sendable (AnyRecord) throws -> [Int]

  /// Lengths in characters.
  init() {
    let length: @Sendable ([Message]) -> Int = { messages in
      messages.reduce(0) { $0 + $1.content.unicodeScalars.count }
    }
    unit = "characters"
    self.length = length
    totals = { record in record.answers.map { length(record.prompt + $0) } }
  }

  /// Lengths in tokens.
  init(_ format: ChatFormat) {
    unit = "tokens"
    length = { messages in messages.reduce(0) { $0 + format.tokenizer.encode($1.content).count } }
    totals = { record in
      do {
        return try record.answers.map {
          try format.tokens(record.prompt + $0, record.context, addingGenerationPrompt: false).count
        }
      } catch let error as TemplateError {
        throw RecordError(record.location, error)
      }
    }
  }
}

extension ChatFormat.BeginningRule: ExpressibleByArgument {}
