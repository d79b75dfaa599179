import Text

/// The text of an answer as its tokens come: what may be the beginning of a stop string is held back.
struct AnswerText {
  private var decoder: StreamingDecoder
  private let stops: [[UInt8]]
  /// Tokens that were not passed on, each with where its text ends in `held`.
  private var pending: [(token: GeneratedToken, end: Int)] = []
  private var held: [UInt8] = []
  /// Tokens that came.
  private(set) var tokenCount = 0

  /// - Parameters:
  ///   - prompt: the tokens whose text goes on; none where the answer is a text of its own.
  ///   - shown: special tokens that stand for text.
  init(_ tokenizer: Tokenizer, stops: [String], continuing prompt: [Int32] = [], showing shown: Set<Int32> = []) {
    decoder = tokenizer.streamingDecoder(continuing: prompt, showing: shown)
    self.stops = stops.map { Array($0.utf8) }
  }

  /// Takes a token; returns what is certain with it, if anything, and the stop string that came up, if one did.
  mutating func append(_ token: GeneratedToken) -> (part: GenerationEvent?, stop: String?) {
    tokenCount += 1
    let start = held.count
    held += decoder.append(token.id).utf8
    pending.append((token, held.count))
    return advance(from: start, isLast: false)
  }

  /// Gives out what was held back, as there are no more tokens; text that comes only now can hold a stop string too.
  mutating func finish() -> (part: GenerationEvent?, stop: String?) {
    let start = held.count
    held += decoder.finish().utf8
    if let last = pending.indices.last { pending[last].end = held.count }
    return advance(from: start, isLast: true)
  }

  private mutating func advance(from start: Int, isLast: Bool) -> (part: GenerationEvent?, stop: String?) {
    if let (place, stop) = firstStop(endingAfter: start) {
      held.removeSubrange(place...)
      let whole = pending.prefix { $0.end <= place }
      // The token in which the stop string begins stays where it has text before that.
      let isTokenCut = (whole.last?.end ?? 0) < place
      pending = Array(pending.prefix(whole.count + (isTokenCut ? 1 : 0)))
      let part = release(place)
      return (part, String(decoding: stop, as: UTF8.self))
    }
    return (release(isLast ? held.count : held.count - longestBeginning()), nil)
  }

  /// Passes on the tokens whose text lies within the first `count` held bytes, or begins there and was cut.
  private mutating func release(_ count: Int) -> GenerationEvent? {
    let isCut = count == held.count
    let released = pending.prefix { $0.end <= count || isCut }
    let end = isCut ? count : released.last?.end ?? 0
    guard !released.isEmpty || end > 0 else { return nil }
    let text = String(decoding: held[..<end], as: UTF8.self)
    let tokens = released.map(\.token)
    held.removeFirst(end)
    pending.removeFirst(released.count)
    for index in pending.indices { pending[index].end -= end }
    return .part(text: text, tokens: tokens)
  }

  /// The stop string that is whole first, of several the one that begins first; only those that end after `start`.
  private func firstStop(endingAfter start: Int) -> (place: Int, stop: [UInt8])? {
    guard !stops.isEmpty, start < held.count else { return nil }
    for end in start + 1...held.count {
      let complete = stops.filter { $0.count <= end && held[end - $0.count..<end].elementsEqual($0) }
      if let longest = complete.max(by: { $0.count < $1.count }) { return (end - longest.count, longest) }
    }
    return nil
  }

  /// How many bytes at the end may be the beginning of a stop string.
  private func longestBeginning() -> Int {
    stops.map { stop in
      stride(from: min(stop.count - 1, held.count), to: 0, by: -1).first {
        held.suffix($0).elementsEqual(stop.prefix($0))
      } ?? 0
    }.max() ?? 0
  }
}
