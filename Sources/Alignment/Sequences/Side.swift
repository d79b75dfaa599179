import Llama
import Text

/// A conversation on its way to tokens: its text, and which bytes of it count.
struct Side {
  private(set) var messages: [Message]
  private let context: ChatContext
  private let format: ChatFormat
  private(set) var text: String
  /// What counts, as ranges of the text's UTF-8, in order, and how much.
  private var scored: [(range: Range<Int>, weight: Double)] = []
  /// Whether a token that only begins in a range counts whole, as transformers marks it.
  private var keepsLastToken = false
  var remarks: [SequenceReport.Remark] = []

  /// - Throws: `TemplateError` where the template refuses the conversation.
  init(_ messages: [Message], _ context: ChatContext, _ format: ChatFormat) throws {
    (self.messages, self.context, self.format) = (messages, context, format)
    text = try format.text(messages, context, addingGenerationPrompt: false)
    if let token = messages.lazy.compactMap({ format.tokenizer.specialToken(in: $0.content) }).first {
      remarks.append(.specialToken(format.tokenizer.token(for: token) ?? ""))
    }
    if !showsAllTexts { remarks.append(.changedText) }
  }

  /// Scores the answers of some messages, whole turns.
  /// - Throws: `LeftOut` where one cannot be told from what stands around it.
  mutating func locate(_ answers: [Int], _ finder: AnswerFinder) throws {
    let whole = Array(text.utf8)
    for index in answers {
      guard let answer = finder.answer(at: index, of: messages, context, in: whole),
        answer.range.lowerBound >= scored.last?.range.upperBound ?? 0
      else { throw LeftOut(reason: .untold) }
      scored.append((answer.range, messages[index].weight))
      if !answer.followsPrompt { remarks.append(.rewrittenPrompt) }
      if messages[index].saysNothing { remarks.append(.emptyAnswer) }
    }
  }

  /// Scores what the template marks instead.
  /// - Parameter clipping: count of it only what lies in the turns that were located.
  mutating func mark(clipping: Bool) throws {
    let turns = scored
    let marked = try format.markedText(messages, context).marked.sorted { $0.lowerBound < $1.lowerBound }
    scored =
      clipping
      ? marked.flatMap { mark in
        turns.map { ($0.range.clamped(to: mark), $0.weight) }.filter { !$0.0.isEmpty }
      } : marked.map { ($0, 1) }
    keepsLastToken = true
  }

  /// The tokens, how much each counts where it is scored, and a remark where an answer's first one is not its own.
  func sequence(
    _ format: ChatFormat
  ) -> (sequence: TokenSequence, weights: [Double], merged: SequenceReport.Remark?) {
    // Places must come in order; marks may lie in one another.
    let places = Array(Set(scored.flatMap { [$0.range.lowerBound, $0.range.upperBound] })).sorted()
    let (tokens, found) = format.locatedTokens(text, at: places)
    let place = Dictionary(uniqueKeysWithValues: zip(places, found))
    var isScored = [Bool](repeating: false, count: tokens.count)
    var weights = [Double](repeating: 1, count: tokens.count)
    var merged: SequenceReport.Remark?
    for (range, weight) in scored {
      guard let start = place[range.lowerBound], let end = place[range.upperBound] else { continue }
      let last = end.token + (keepsLastToken && end.isInside ? 1 : 0)
      for token in start.token..<max(start.token, last) { (isScored[token], weights[token]) = (true, weight) }
      if start.isInside, start.token < last, merged == nil {
        let around = tokens[max(0, start.token - 3)..<min(tokens.count, start.token + 4)]
        merged = .merged(format.tokenizer.decode(around, skippingSpecialTokens: false))
      }
    }
    return (TokenSequence(tokens: tokens, isScored: isScored), weights, merged)
  }

  /// Whether the template writes what everybody says.
  private var showsAllTexts: Bool {
    let whole = Array(text.utf8)
    var (position, misses) = (0, 0)
    for message in messages where ["system", "user", "assistant"].contains(message.role) {
      let said = message.content.trimmingWhitespace
      guard !said.isEmpty, message.fields?["content"]?.array == nil else { continue }
      if let found = whole.firstOffset(of: said, from: position) {
        position = found + said.count
        continue
      }
      // Some templates move a message to another place.
      misses += 1
      guard misses < 8, whole.firstOffset(of: said) != nil else { return false }
    }
    return true
  }
}

/// A record that is not trained on.
struct LeftOut: Error {
  let reason: SequenceReport.Reason
}

extension Message {
  /// Whether an answer is empty.
  fileprivate var saysNothing: Bool {
    content.trimmingWhitespace.isEmpty && toolCalls.isEmpty
      && !["reasoning_content", "reasoning", "thinking"].contains { fields?[$0]?.string?.isEmpty == false }
  }
}

extension String {
  /// The bytes without the ASCII white space around them.
  fileprivate var trimmingWhitespace: [UInt8] {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    let bytes = Array(utf8)
    guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) })
    else { return [] }
    return Array(bytes[first...last])
  }
}
