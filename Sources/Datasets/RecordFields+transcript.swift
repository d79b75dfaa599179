import Text

extension RecordFields {
  private static let tags = [
    (role: "user", text: Array("\n\nHuman:".utf8)), (role: "assistant", text: Array("\n\nAssistant:".utf8)),
  ]

  /// The turns of a transcript as HH-RLHF writes them: `"\n\nHuman: …\n\nAssistant: …"`.
  ///
  /// The tags go, each with one space behind it; everything else stays. Two turns of one speaker in a row stay two.
  func transcript(_ text: String, _ field: String) throws(RecordError) -> [Message] {
    let bytes = Array(text.utf8)
    var turns: [(role: String, tagStart: Int, start: Int)] = []
    var position = 0
    while position < bytes.count {
      let rest = bytes[position...]
      guard bytes[position] == UInt8(ascii: "\n"), let tag = Self.tags.first(where: { rest.starts(with: $0.text) }),
        rest.dropFirst(tag.text.count).first?.isSpace ?? true
      else {
        position += 1
        continue
      }
      let hasSpace = rest.dropFirst(tag.text.count).first == UInt8(ascii: " ")
      let start = position + tag.text.count + (hasSpace ? 1 : 0)
      turns.append((tag.role, position, start))
      position = start
    }
    guard turns.first?.tagStart == 0 else {
      throw RecordError(
        location, field: field,
        #"is a plain string: expected a 'prompt' beside it, or a transcript "\n\nHuman: …\n\nAssistant: …""#)
    }
    let ends = turns.dropFirst().map(\.tagStart) + [bytes.count]
    return zip(turns, ends).map { turn, end in
      Message(role: turn.role, content: String(decoding: bytes[turn.start..<end], as: UTF8.self))
    }
  }
}
