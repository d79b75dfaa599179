/// The objects of a file that are written over several lines each, one behind the other, each a record.
struct ObjectTexts: RecordTexts {
  private let window: ByteWindow
  private let path: String
  private let maximumLength: Int
  private var line: Int

  /// - Parameter line: the line on which the window begins.
  init(_ window: ByteWindow, path: String, line: Int, maximumLength: Int) {
    self.window = window
    self.path = path
    self.maximumLength = maximumLength
    self.line = line
  }

  /// Whether the file goes on with such an object: its first line ends within the object, and not within a text.
  static func begin(_ window: ByteWindow) -> Bool {
    window.withBytes(from: 0) { bytes in
      guard let end = bytes.firstOffset(of: UInt8(ascii: "\n")) else { return false }
      let line = bytes.prefix(end)
      guard line.first(where: { !$0.isSpace }) == UInt8(ascii: "{"), let last = line.last(where: { !$0.isSpace }) else {
        return false
      }
      var scan = JSONScan()
      for byte in line { scan.read(byte) }
      return scan.depth > 0 && !scan.isInString && "{[,:".utf8.contains(last)
    }
  }

  var bytesRead: Int { window.position }

  mutating func next() throws(DatasetError) -> RecordText? {
    line += try window.skipSpace()
    guard let first = try window.peek() else { return nil }
    guard first == UInt8(ascii: "{") else {
      throw .file(path: "\(path):\(line)", problem: "something else than an object stands behind one")
    }
    let start = line
    var (scan, length) = (JSONScan(), 0)
    while !scan.isDone {
      window.withBytes(from: length) { bytes in
        for byte in bytes {
          scan.read(byte)
          length += 1
          if byte == UInt8(ascii: "\n") { line += 1 }
          if scan.isDone { return }
        }
      }
      guard !scan.isDone else { break }
      guard length <= maximumLength else {
        throw .file(
          path: "\(path):\(start)",
          problem: "the record is longer than \(maximumLength >> 20) MB; does one object hold all of them?")
      }
      guard try window.readMore() else {
        throw .file(path: path, problem: "the file ends inside an object: it was cut off while it was written")
      }
    }
    return RecordText(bytes: window.take(length), location: RecordLocation(file: path, line: start))
  }
}

/// Follows brackets and texts of JSON.
struct JSONScan {
  /// How many brackets are open.
  private(set) var depth = 0
  private(set) var isInString = false
  private var isEscaped = false
  /// Whether the last bracket has closed.
  private(set) var isDone = false

  mutating func read(_ byte: UInt8) {
    switch byte {
    case _ where isEscaped: isEscaped = false
    case UInt8(ascii: "\\") where isInString: isEscaped = true
    case UInt8(ascii: "\""): isInString.toggle()
    case _ where isInString: break
    case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      depth -= 1
      isDone = depth <= 0
    default: break
    }
  }
}
