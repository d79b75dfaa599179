import Foundation

/// What a server answers.
struct HTTPResponse: Sendable {
  /// The body's parts in their order. They wait for their reader; the connection is closed where the reader leaves early.
  typealias Body = AsyncCompactMapSequence<AsyncThrowingStream<Part, any Error>, [UInt8]>

  /// What comes, piece by piece.
  enum Part: Sendable {
    case head(status: Int, headers: HTTPHeaders)
    case body([UInt8])
  }

  let status: Int
  let headers: HTTPHeaders
  let body: Body

  /// Reads what is left of a body that is short and soon there, so that its connection serves again.
  func finish() async {
    var rest = 64 << 10
    let end = ContinuousClock.now + .seconds(1)
    do {
      for try await part in body {
        rest -= part.count
        guard rest > 0, .now < end else { return }
      }
    } catch {
      // The connection is lost, and nothing else.
    }
  }
}

/// The lines of an answer's head.
struct HTTPHeaders: Sendable {
  private var lines: [(name: String, value: String)] = []

  /// The first line of a name in small letters; nil where there is none.
  subscript(name: String) -> String? { lines.first { $0.name == name }?.value }

  /// Adds a line as it came. What is no line of a head is left out.
  mutating func add(_ line: String) {
    guard let colon = line.firstIndex(of: ":"), line.first?.isWhitespace == false else { return }
    let value = line[colon...].dropFirst().trimmingCharacters(in: .whitespacesAndNewlines)
    lines.append((line[..<colon].lowercased(), value))
  }
}
