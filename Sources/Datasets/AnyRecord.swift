import JSON
import Text

/// A record of any kind, told apart by its fields.
public enum AnyRecord: DatasetRecord {
  /// A record with `chosen` and `rejected`.
  case pair(PreferencePair)
  /// A record with a `completion` and a `label`.
  case rating(Rating)
  /// Any other.
  case conversation(Conversation)

  /// Those of all kinds.
  public static var fields: [[String]]? { (PreferencePair.fields ?? []) + (Conversation.fields ?? []) }

  /// Where the record stands.
  public var location: RecordLocation {
    switch self {
    case .pair(let pair): pair.location
    case .rating(let rating): rating.location
    case .conversation(let conversation): conversation.location
    }
  }

  /// Reads a pair where there is a `chosen` or a `rejected`, a rating where a `completion` is labelled, and else a conversation.
  /// - Throws: `RecordError`, as the record's own kind does.
  public init(json: JSON, location: RecordLocation) throws(RecordError) {
    if PreferencePair.isOne(json) {
      self = .pair(try PreferencePair(json: json, location: location))
    } else if Rating.isOne(json) {
      self = .rating(try Rating(json: json, location: location))
    } else {
      self = .conversation(try Conversation(json: json, location: location))
    }
  }

  /// What the chat template is given besides the messages.
  package var context: ChatContext {
    switch self {
    case .pair(let pair): pair.context
    case .rating(let rating): rating.context
    case .conversation(let conversation): conversation.context
    }
  }

  /// The messages up to the first answer.
  package var prompt: [Message] {
    switch self {
    case .pair(let pair): pair.prompt
    case .rating(let rating): rating.prompt
    case .conversation(let conversation): conversation.prompt
    }
  }

  /// What follows the prompt: a pair's two answers, chosen first; a rating's one; or the rest of a conversation.
  package var answers: [[Message]] {
    switch self {
    case .pair(let pair): [pair.chosen, pair.rejected]
    case .rating(let rating): [rating.completion]
    case .conversation(let conversation): [Array(conversation.messages.dropFirst(conversation.prompt.count))]
    }
  }
}
