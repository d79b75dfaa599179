import Datasets
import Llama
import Text

/// Turns records into token sequences whose scored tokens are what the loss is about.
///
/// A conversation scores all of the assistant's messages, a pair the last one on each side; each with the end-of-text
/// token that the template writes after it. Texts are tokenized whole: where a message begins is found as the longest
/// prefix that its tokens share with those of the text before it.
public struct SequenceBuilder: Sendable {
  /// Tokens that the end of one message and the start of the next share, so that the message's first token is not its own.
  public struct MergedBoundary: Sendable {
    /// The text around the boundary.
    public let text: String
    /// The record.
    public let location: RecordLocation
  }

  /// A record's sequences before anything is cut.
  struct Whole {
    var sequences: [TokenSequence]
    var merged: MergedBoundary?
  }

  let format: ChatFormat

  /// A builder of sequences in a format.
  public init(format: ChatFormat) { self.format = format }

  func whole(_ conversation: Conversation) throws -> Whole {
    let messages = conversation.messages
    let tokens = try format.tokens(messages, addingGenerationPrompt: false)
    var isScored = [Bool](repeating: false, count: tokens.count)
    var merged: MergedBoundary?
    for index in messages.indices where messages[index].role == "assistant" {
      let before = try boundary(messages[..<index], addingGenerationPrompt: true, in: tokens)
      let after = try boundary(messages[...index], addingGenerationPrompt: false, in: tokens)
      for token in before.position..<max(before.position, after.position) { isScored[token] = true }
      if before.isMerged { merged = merged ?? boundaryText(tokens, before.position, conversation.location) }
    }
    return Whole(sequences: [TokenSequence(tokens: tokens, isScored: isScored)], merged: merged)
  }

  func whole(_ pair: PreferencePair) throws -> Whole {
    let sides = try [pair.chosen, pair.rejected].map { answer in
      let messages = pair.prompt + answer
      let tokens = try format.tokens(messages, addingGenerationPrompt: false)
      return (tokens: tokens, start: try boundary(messages.dropLast(), addingGenerationPrompt: true, in: tokens))
    }
    // Answers to one prompt begin at one place, also where only one of them merges with the prompt's last token.
    let answersOnePrompt = pair.chosen.count == 1 && pair.rejected.count == 1
    let earliest = sides.map(\.start.position).min() ?? 0
    let sequences = sides.map { side in
      let start = answersOnePrompt ? earliest : side.start.position
      return TokenSequence(tokens: side.tokens, isScored: side.tokens.indices.map { $0 >= start })
    }
    let merged = sides.first { $0.start.isMerged }.map { boundaryText($0.tokens, $0.start.position, pair.location) }
    return Whole(sequences: sequences, merged: merged)
  }

  /// Where the tokens of `messages` end within those of the conversation that they begin.
  private func boundary(
    _ messages: some Sequence<Message>, addingGenerationPrompt: Bool, in tokens: [Int32]
  ) throws -> (position: Int, isMerged: Bool) {
    let prefix = try format.tokens(messages, addingGenerationPrompt: addingGenerationPrompt)
    let shared = zip(prefix, tokens).prefix { $0 == $1 }.count
    return (shared, shared < prefix.count)
  }

  private func boundaryText(_ tokens: [Int32], _ position: Int, _ location: RecordLocation) -> MergedBoundary {
    let around = tokens[max(0, position - 4)..<min(tokens.count, position + 4)]
    return MergedBoundary(text: format.tokenizer.decode(around, skippingSpecialTokens: false), location: location)
  }
}
