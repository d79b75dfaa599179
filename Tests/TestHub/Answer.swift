/// What a server sends, honest or not.
package struct Answer: Sendable {
  /// What comes after the body.
  package enum Ending: Sendable {
    /// The end, as HTTP has it.
    case proper
    /// The connection is closed at once.
    case cut
    /// Nothing, for ever.
    case silence
    /// The body again, for ever.
    case again
  }

  package var status: Int
  package var headers: [String: String]
  package var body: [UInt8]
  /// The length that is announced; nil for chunks without one.
  package var length: Int?
  package var ending = Ending.proper

  package init(_ status: Int, _ body: [UInt8] = [], headers: [String: String] = [:]) {
    self.status = status
    self.body = body
    self.headers = headers
    length = body.count
  }

  package init(_ status: Int, text: String, headers: [String: String] = [:]) {
    self.init(status, Array(text.utf8), headers: headers)
  }

  /// A redirect.
  package static func redirect(_ location: String) -> Answer { Answer(302, headers: ["location": location]) }

  /// The same answer, of which only the first bytes are sent before the connection breaks.
  package func cut(after count: Int) -> Answer {
    var answer = self
    answer.body = Array(body.prefix(count))
    answer.ending = .cut
    return answer
  }
}
