import JSON
import Text

/// Finds where answers stand in the text that a chat template writes.
///
/// As a rule the text before an answer, with the generation prompt, is a prefix of the whole, and so is the text up to its
/// end; the answer is what lies between. Templates that write earlier turns otherwise than the last one (that drop earlier
/// thoughts, or move the system message) need a closer look: the answer is replaced by another text, and stands where the
/// two renderings differ.
struct AnswerFinder {
  let format: ChatFormat
  let ending: AnswerEnding?

  /// An answer in the bytes of the whole text.
  struct Answer {
    let range: Range<Int>
    /// Whether the prompt's text, as the model is asked with it, is a prefix of the whole.
    let followsPrompt: Bool
  }

  /// The answer of the message at a place; nil where it cannot be told.
  func answer(
    at index: Int, of messages: [Message], _ context: ChatContext, in whole: [UInt8]
  ) -> Answer? {
    let before = bytes(messages[..<index], context, prompting: true)
    let isLast = index == messages.count - 1
    guard let after = isLast ? closed(whole) : closed(bytes(messages[...index], context, prompting: false)) else {
      return nil
    }
    if let before, whole.starts(with: before), after.count >= before.count {
      if whole.starts(with: after) { return Answer(range: before.count..<after.count, followsPrompt: true) }
      if let end = end(of: after, in: whole, from: before.count) {
        return Answer(range: before.count..<end, followsPrompt: true)
      }
    }
    return probed(index, messages, context, whole: whole, before: before, after: after)
  }

  private func bytes(_ messages: ArraySlice<Message>, _ context: ChatContext, prompting: Bool) -> [UInt8]? {
    (try? format.text(messages, context, addingGenerationPrompt: prompting)).map { Array($0.utf8) }
  }

  /// A text without the answer that its template always begins at the end.
  private func closed(_ text: [UInt8]?) -> [UInt8]? {
    guard let text, let opener = ending?.opener, text.suffix(opener.count).elementsEqual(opener) else { return text }
    return Array(text.dropLast(opener.count))
  }

  /// The end of an answer where the template only ends the text otherwise than it goes on: just behind the last place at which
  /// both have what ends a turn.
  private func end(of after: [UInt8], in whole: [UInt8], from start: Int) -> Int? {
    guard let between = ending?.between, !between.isEmpty else { return nil }
    let shared = zip(after, whole).prefix { $0 == $1 }.count
    // What ends a text hardly has more in common with what begins a turn.
    let first = max(start + between.count, shared - 64)
    guard first <= shared else { return nil }
    return (first...shared).last { whole[..<$0].suffix(between.count).elementsEqual(between) }
  }

  private func probed(
    _ index: Int, _ messages: [Message], _ context: ChatContext, whole: [UInt8], before: [UInt8]?, after: [UInt8]
  ) -> Answer? {
    for probe in ["QprobeQ", "ZprobeZ", "QprobeZ", "ZprobeQ"] {
      var changed = messages
      changed[index] = messages[index].saying(probe)
      guard let other = bytes(changed[...], context, prompting: false),
        let otherAfter = closed(bytes(changed[...index], context, prompting: false))
      else { return nil }
      guard let there = difference(whole, other, showing: probe),
        let here = difference(after, otherAfter, showing: probe)
      else { continue }
      let isCall = messages[index].content.isEmpty
      let opening = opening(before, messages[..<index], context)
      guard isCall || Array(messages[index].content.utf8).firstOffset(of: Array(whole[there])) != nil else {
        return nil
      }
      return answer(
        there, here, isCall: isCall, whole: whole, before: before, opening: opening, after: after)
    }
    return nil
  }

  /// What opens an answer, where the template writes that before answers too and not only to ask for them.
  private func opening(_ before: [UInt8]?, _ messages: ArraySlice<Message>, _ context: ChatContext) -> [UInt8] {
    guard ending?.followsPrompt == true, let before, let asked = bytes(messages, context, prompting: false) else {
      return []
    }
    return Array(before[asked.commonPrefix(with: before).count...])
  }

  /// Puts around what was said what the template writes with it, as far as it does so in both texts.
  private func answer(
    _ there: Range<Int>, _ here: Range<Int>, isCall: Bool, whole: [UInt8], before: [UInt8]?, opening: [UInt8],
    after: [UInt8]
  ) -> Answer? {
    var start = there.lowerBound
    if let before, after.starts(with: before), before.count <= here.lowerBound {
      let lead = after[before.count..<here.lowerBound]
      if whole[..<start].suffix(lead.count).elementsEqual(lead) { start -= lead.count } else if isCall { return nil }
    } else if !opening.isEmpty, let place = whole[..<start].lastOffset(of: opening) {
      start = place + opening.count
    } else if isCall {
      return nil
    }
    let follows = before.map { $0.count == start && whole.starts(with: $0) } ?? false
    for tail in [Array(after[here.upperBound...]), ending?.between ?? []]
    where whole[there.upperBound...].starts(with: tail) {
      return Answer(range: start..<there.upperBound + tail.count, followsPrompt: follows)
    }
    return nil
  }

  /// Where two texts differ, in the first; nil unless the second shows the probe there and nothing else.
  private func difference(_ text: [UInt8], _ other: [UInt8], showing probe: String) -> Range<Int>? {
    let prefix = zip(text, other).prefix { $0 == $1 }.count
    let rest = min(text.count, other.count) - prefix
    let suffix = zip(text.reversed(), other.reversed()).prefix(rest).prefix { $0 == $1 }.count
    let shown = other[prefix..<other.count - suffix]
    let probe = Array(probe.utf8)
    guard shown.starts(with: probe), shown.suffix(probe.count).elementsEqual(probe) else { return nil }
    return prefix..<text.count - suffix
  }
}

extension ArraySlice<UInt8> {
  /// Where other bytes occur last; nil where they do not.
  fileprivate func lastOffset(of sought: [UInt8]) -> Int? {
    Array(reversed()).firstOffset(of: sought.reversed()).map { endIndex - $0 - sought.count }
  }
}

extension Message {
  /// The same turn with another text, or with other names of the functions where it only calls some.
  fileprivate func saying(_ text: String) -> Message {
    guard content.isEmpty, var members = fields?.object, !toolCalls.isEmpty else {
      var members = fields?.object
      members?["content"] = .string(text)
      return Message(role: role, content: text, fields: members.map(JSON.object))
    }
    members["tool_calls"] = .array(
      toolCalls.map { call in
        guard var outer = call.object else { return call }
        if var function = outer["function"]?.object {
          function["name"] = .string(text)
          outer["function"] = .object(function)
        } else {
          outer["name"] = .string(text)
        }
        return .object(outer)
      })
    return Message(role: role, content: content, fields: .object(members))
  }
}
