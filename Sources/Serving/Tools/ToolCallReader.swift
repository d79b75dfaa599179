/// Tells an answer's calls from its text as it comes, in the common formats: `<tool_call>…</tool_call>` (Hermes, Qwen), an
/// answer that is nothing but JSON (Llama 3), and `[TOOL_CALLS]` before the rest (Mistral). What only looks like a call
/// stays text.
struct ToolCallReader {
  private enum State { case beginning, text, call, rest }

  /// What stands around calls and within them; in some vocabularies these are special tokens.
  static let marks = ["<tool_call>", "</tool_call>", "[TOOL_CALLS]", "[CALL_ID]", "[ARGS]", "<|python_tag|>"]

  private static let opening = Array("<tool_call>".utf8)
  private static let closing = Array("</tool_call>".utf8)
  private static let mistral = Array("[TOOL_CALLS]".utf8)
  private static let llama = Array("<|python_tag|>".utf8)

  private let names: Set<String>
  private var state = State.beginning
  /// What is not decided yet, and how much of it was searched.
  private var held: [UInt8] = []
  private var searched = 0
  /// White space that goes where a call follows.
  private var space: [UInt8] = []
  private var followsCall = false
  /// The mark that began what is held.
  private var mark: [UInt8] = []
  /// The calls so far.
  private(set) var count = 0

  init(names: Set<String>) { self.names = names }

  /// Takes the calls out of a piece's text.
  mutating func read(_ piece: inout GeneratedPiece) {
    (piece.text, piece.calls) = take(piece.text, isLast: piece.finish != nil)
    if piece.finish == .stop, count > 0 { piece.finish = .toolCalls }
  }

  /// Takes more of the answer; returns the text and the calls that are certain.
  mutating func take(_ text: String, isLast: Bool) -> (text: String, calls: [ToolCall]) {
    held += text.utf8
    var (output, calls) = ([UInt8](), [ToolCall]())
    while step(isLast, &output, &calls) {}
    if isLast, !followsCall { output += space }
    return (String(decoding: output, as: UTF8.self), calls)
  }

  /// Decides what can be; returns whether there is more to decide.
  private mutating func step(_ isLast: Bool, _ output: inout [UInt8], _ calls: inout [ToolCall]) -> Bool {
    switch state {
    case .beginning:
      guard let start = held.firstIndex(where: { !Self.isSpace($0) }) else {
        if isLast { write(take(held.count), to: &output) }
        return false
      }
      let rest = held[start...]
      if rest.first == UInt8(ascii: "{") || rest.first == UInt8(ascii: "[") || rest.starts(with: Self.llama) {
        state = .rest
      } else if isLast || !Self.llama.starts(with: rest) {
        state = .text
      } else {
        return false
      }
      return true
    case .text:
      if let place = held.firstPlace(of: Self.opening, from: 0) {
        write(take(place), to: &output)
        mark = take(Self.opening.count)
        state = .call
        return true
      }
      if let place = held.firstPlace(of: Self.mistral, from: 0) {
        write(take(place), to: &output)
        state = .rest
        return true
      }
      let kept = isLast ? 0 : max(held.countOfBeginning(Self.opening), held.countOfBeginning(Self.mistral))
      write(take(held.count - kept), to: &output)
      return false
    case .call:
      let end = held.firstPlace(of: Self.closing, from: max(0, searched - Self.closing.count))
      searched = held.count
      guard let length = end ?? (isLast ? held.count : nil) else { return false }
      let body = take(length)
      let tail = take(end == nil ? 0 : Self.closing.count)
      if let written = ToolCall.written(String(decoding: body, as: UTF8.self)) {
        add(written, to: &calls)
      } else {
        write(mark + body + tail, to: &output)
      }
      state = .text
      return !held.isEmpty
    case .rest:
      guard isLast else { return false }
      let rest = take(held.count)
      var body = rest.drop(while: Self.isSpace)
      for mark in [Self.mistral, Self.llama] where body.starts(with: mark) { body = body.dropFirst(mark.count) }
      if let written = ToolCall.written(String(decoding: body, as: UTF8.self), among: names) {
        add(written, to: &calls)
      } else {
        write(rest, to: &output)
      }
      return false
    }
  }

  private mutating func take(_ count: Int) -> [UInt8] {
    defer {
      held.removeFirst(count)
      searched = 0
    }
    return Array(held.prefix(count))
  }

  private mutating func add(_ written: [ToolCall.Written], to calls: inout [ToolCall]) {
    for call in written {
      calls.append(ToolCall(index: count, name: call.name, arguments: call.arguments))
      count += 1
    }
    space = []
    followsCall = true
  }

  private mutating func write(_ bytes: [UInt8], to output: inout [UInt8]) {
    let all = space + bytes
    let text = followsCall ? all.drop(while: Self.isSpace) : all[...]
    let end = text.lastIndex { !Self.isSpace($0) }.map { $0 + 1 } ?? text.startIndex
    output += text[..<end]
    space = Array(text[end...])
    if end > text.startIndex { followsCall = false }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}

extension [UInt8] {
  /// Where `pattern` stands first, from `start` on.
  fileprivate func firstPlace(of pattern: [UInt8], from start: Int) -> Int? {
    guard count >= pattern.count, start <= count - pattern.count else { return nil }
    return (start...count - pattern.count).first { self[$0] == pattern[0] && self[$0...].starts(with: pattern) }
  }

  /// How many bytes at the end may be the beginning of `pattern`.
  fileprivate func countOfBeginning(_ pattern: [UInt8]) -> Int {
    (0..<Swift.min(count + 1, pattern.count)).last { suffix($0).elementsEqual(pattern.prefix($0)) } ?? 0
  }
}
