/// The elements of a file that holds one JSON list, each a record, found without reading the list as a whole.
///
/// Only brackets, quotes and commas are looked at; whether an element is good JSON is seen when it is parsed.
struct ListTexts: RecordTexts {
  private let window: ByteWindow
  private let path: String
  private let maximumLength: Int
  private var line: Int
  private var state = State.beforeFirst

  private enum State { case beforeFirst, betweenElements, done }

  /// - Parameter line: the line on which the list begins, whose `[` has been taken from the window.
  init(_ window: ByteWindow, path: String, line: Int, maximumLength: Int) {
    self.window = window
    self.path = path
    self.line = line
    self.maximumLength = maximumLength
  }

  /// Whether a file that begins with `[` holds one list, and not lines of lists: its first line is not a whole list with
  /// something behind it.
  static func begin(_ window: ByteWindow) -> Bool {
    window.withBytes(from: 0) { bytes in
      guard let end = bytes.firstOffset(of: UInt8(ascii: "\n")) else { return true }
      var scan = JSONScan()
      for byte in bytes.prefix(end) { scan.read(byte) }
      return !scan.isDone || bytes.dropFirst(end).allSatisfy(\.isSpace)
    }
  }

  var bytesRead: Int { window.position }

  mutating func next() throws(DatasetError) -> RecordText? {
    guard state != .done else { return nil }
    line += try window.skipSpace()
    let start = line
    var scan = ElementScan()
    while scan.end == nil {
      window.withBytes(from: scan.length) { scan.read($0) }
      guard scan.end == nil else { break }
      guard scan.length <= maximumLength else {
        throw .file(path: "\(path):\(start)", problem: "the record is longer than \(maximumLength >> 20) MB")
      }
      guard try window.readMore() else {
        throw .file(path: path, problem: "the file ends inside its list: it was cut off while it was written")
      }
    }
    line += scan.lines
    let bytes = window.take(scan.length)
    _ = window.take(1)
    if scan.end == UInt8(ascii: "]") {
      line += try window.skipSpace()
      guard window.count == 0 else {
        throw .file(path: "\(path):\(line)", problem: "text after the end of the list")
      }
      let isEmptyList = state == .beforeFirst && bytes.isEmpty
      state = .done
      if isEmptyList { return nil }
    } else {
      state = .betweenElements
    }
    return RecordText(bytes: bytes, location: RecordLocation(file: path, line: start))
  }
}

/// How far an element of a list reaches.
private struct ElementScan {
  /// The bytes of the element seen so far.
  private(set) var length = 0
  /// The newlines among them.
  private(set) var lines = 0
  /// The `,` or `]` behind the element, once it has been met.
  private(set) var end: UInt8?
  private var depth = 0
  private var isInString = false
  private var isEscaped = false

  mutating func read(_ bytes: UnsafeRawBufferPointer) {
    for byte in bytes {
      switch byte {
      case _ where isEscaped: isEscaped = false
      case UInt8(ascii: "\\") where isInString: isEscaped = true
      case UInt8(ascii: "\""): isInString.toggle()
      case _ where isInString: break
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "]") where depth == 0, UInt8(ascii: ",") where depth == 0:
        end = byte
        return
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth = max(0, depth - 1)
      default: break
      }
      if byte == UInt8(ascii: "\n") { lines += 1 }
      length += 1
    }
  }
}
