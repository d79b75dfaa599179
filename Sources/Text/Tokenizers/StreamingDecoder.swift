/// Turns ids into text one at a time, as a model generates them.
///
/// What `append` and `finish` give, put together, is exactly what `Tokenizer.decode` gives for all ids. A character
/// whose bytes are spread over tokens comes out with the last of them; after byte tokens of SentencePiece, with the
/// next other token, since only then it is known whether the bytes are valid.
public struct StreamingDecoder: Sendable {
  private let tokenizer: Tokenizer
  private let skipsSpecialTokens: Bool
  private var stages: [DecoderStage]
  /// Special tokens that are not left out.
  var shown: Set<Int32> = []
  /// What was held back of the text that is continued; it belongs to that text.
  private var known: [UInt8] = []

  init(tokenizer: Tokenizer, stages: [DecoderStage], skipsSpecialTokens: Bool) {
    self.tokenizer = tokenizer
    self.stages = stages
    self.skipsSpecialTokens = skipsSpecialTokens
  }

  /// A decoder that has read the beginning of a text and gives out the rest.
  init(_ decoder: StreamingDecoder, continuing ids: some Sequence<Int32>) {
    self = decoder
    var read: [UInt8] = []
    for id in ids { append(id, to: &read) }
    var ended = self
    ended.finish(to: &known)
  }

  /// The text that is certain once the token `id` has come; often empty. Ids without a token are passed over.
  public mutating func append(_ id: Int32) -> String {
    var output: [UInt8] = []
    append(id, to: &output)
    return String(decoding: output, as: UTF8.self)
  }

  /// The text that was held back; to be called once, at the end.
  public mutating func finish() -> String {
    var output: [UInt8] = []
    finish(to: &output)
    return String(decoding: output, as: UTF8.self)
  }

  mutating func append(_ id: Int32, to output: inout [UInt8]) {
    if skipsSpecialTokens, tokenizer.isSpecial(id), !shown.contains(id) { return }
    guard let token = tokenizer.bytes(of: id) else { return }
    let start = output.count
    pass([Array(token)], from: 0, to: &output)
    dropKnown(from: start, of: &output)
  }

  mutating func finish(to output: inout [UInt8]) {
    let start = output.count
    for stage in stages.indices { pass(stages[stage].finish(), from: stage + 1, to: &output) }
    dropKnown(from: start, of: &output)
  }

  /// What was held back comes out whole with the first text; bytes that became another character only now stay.
  private mutating func dropKnown(from start: Int, of output: inout [UInt8]) {
    guard !known.isEmpty, output.count > start else { return }
    if output[start...].starts(with: known) { output.removeSubrange(start..<start + known.count) }
    known = []
  }

  private mutating func pass(_ tokens: [[UInt8]], from first: Int, to output: inout [UInt8]) {
    var tokens = tokens
    for stage in stages[first...].indices where !tokens.isEmpty {
      tokens = tokens.flatMap { stages[stage].take($0) }
    }
    for token in tokens { output.append(contentsOf: token) }
  }
}
