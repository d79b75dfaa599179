import JSON

/// What a chat template writes behind an answer, found by having it render a conversation of two words.
public struct AnswerEnding: Sendable {
  /// The text behind an answer that ends the conversation.
  public let text: String
  /// The tokens of that text.
  public let tokens: [Int32]
  /// The token that ends an answer: the first special or added one behind it; nil where the template writes none.
  public let token: Int32?
  /// The text behind an answer that a user's turn follows, without what begins that turn.
  package let between: [UInt8]
  /// Whether an answer stands behind the text that asks for it, generation prompt and all.
  package let followsPrompt: Bool
  /// The beginning of one more answer, where the template puts it behind every conversation, asked for or not.
  package let opener: [UInt8]

  /// The ending of a format; nil where its template refuses such a conversation, so that nothing is known.
  public init?(_ format: ChatFormat) {
    // Some templates write nothing unless there are tools.
    let tool: JSON = [
      "type": "function",
      "function": [
        "name": "tool", "description": "", "parameters": ["type": "object", "properties": [:], "required": []],
      ],
    ]
    guard let ending = Self(format, ChatContext()) ?? Self(format, ChatContext(tools: [tool])) else { return nil }
    self = ending
  }

  private init?(_ format: ChatFormat, _ context: ChatContext) {
    let turns = [("user", "Askedtext"), ("assistant", "Answertext"), ("user", "Nexttext")].map {
      Message(role: $0, content: $1)
    }
    func bytes(_ count: Int, prompting: Bool = false) -> [UInt8]? {
      (try? format.text(turns.prefix(count), context, addingGenerationPrompt: prompting)).map { Array($0.utf8) }
    }
    guard let asked = bytes(1), let prompt = bytes(1, prompting: true), let answered = bytes(2),
      let start = answered.firstOffset(of: Array(turns[1].content.utf8))
    else { return nil }
    let end = start + turns[1].content.utf8.count
    let behind = Array(answered[end...])

    followsPrompt = answered.starts(with: prompt)
    between = Self.between(turns, asked: asked, behind: behind, onward: bytes(3), format.tokenizer)
    // A template that takes no notice of the generation prompt may write one always.
    let extra = behind.starts(with: between) ? Array(behind[between.count...]) : []
    opener = asked == prompt && !extra.isEmpty && prompt.suffix(extra.count).elementsEqual(extra) ? extra : []

    text = String(decoding: behind.dropLast(opener.count), as: UTF8.self)
    let whole = String(decoding: answered.dropLast(opener.count), as: UTF8.self)
    let located = format.locatedTokens(whole, at: [end])
    tokens = Array(located.tokens[located.places[0].token...])
    token = tokens.first { format.tokenizer.isAdded($0) || $0 == format.tokenizer.eos }
  }

  /// What stands between an answer and the next user's turn, as far as it does not begin that turn: its beginning is what the
  /// first user's turn begins with, too.
  private static func between(
    _ turns: [Message], asked: [UInt8], behind: [UInt8], onward: [UInt8]?, _ tokenizer: Tokenizer
  ) -> [UInt8] {
    guard let onward, let start = onward.firstOffset(of: Array(turns[1].content.utf8)),
      let next = onward.firstOffset(of: Array(turns[2].content.utf8), from: start),
      let head = asked.firstOffset(of: Array(turns[0].content.utf8))
    else { return behind }
    let gap = Array(onward[(start + turns[1].content.utf8.count)..<next])
    let shared = zip(gap.reversed(), asked[..<head].reversed()).prefix { $0 == $1 }.count
    // Where a template puts a turn of its own before the first, both beginnings look alike from further on.
    guard shared < gap.count else { return behind.commonPrefix(with: gap) }
    return Array(gap[..<wholeTokens(gap, gap.count - shared, tokenizer)])
  }

  /// The end of the added token that a place lies in, if it lies in one: `<s>` and `</s>` end alike.
  private static func wholeTokens(_ text: [UInt8], _ place: Int, _ tokenizer: Tokenizer) -> Int {
    (place..<text.count).first { end in
      let (tokens, found) = tokenizer.encode(String(decoding: text, as: UTF8.self), locating: [end])
      return !found[0].isInside || !tokenizer.isAdded(tokens[found[0].token])
    } ?? text.count
  }
}

extension Collection<UInt8> {
  /// The bytes that both begin with.
  package func commonPrefix(with other: some Collection<UInt8>) -> [UInt8] {
    zip(self, other).prefix { $0 == $1 }.map(\.0)
  }
}
