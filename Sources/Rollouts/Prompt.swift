import Alignment
import Datasets
import JSON
import Text

/// A prompt that a policy answers in rollouts.
public struct Prompt: Sendable {
  /// Its tokens, up to where the answer begins.
  public let tokens: [Int32]
  /// The conversation that awaits an answer.
  public let messages: [Message]
  /// The whole record, an object: rewards find in it what is right.
  public let columns: JSON
  /// Where the record stands.
  public let location: RecordLocation

  /// A prompt.
  public init(tokens: [Int32], messages: [Message], columns: JSON = .object([:]), location: RecordLocation) {
    (self.tokens, self.messages, self.columns, self.location) = (tokens, messages, columns, location)
  }

  /// A record and its tokens.
  public init(_ record: PromptRecord, _ example: TrainingExample) {
    self.init(
      tokens: example.sequences[0].tokens, messages: record.messages, columns: record.columns,
      location: record.location)
  }
}
