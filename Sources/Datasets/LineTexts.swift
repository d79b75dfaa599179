import Foundation

/// The lines of a file, each a record; blank ones are passed over.
struct LineTexts: RecordTexts {
  private let window: ByteWindow
  private let path: String
  private let maximumLength: Int
  private var line: Int

  /// - Parameter linesBefore: how many lines have been taken from the window already.
  init(_ window: ByteWindow, path: String, linesBefore: Int, maximumLength: Int) {
    self.window = window
    self.path = path
    self.maximumLength = maximumLength
    line = linesBefore
  }

  var bytesRead: Int { window.position }

  mutating func next() throws(DatasetError) -> RecordText? {
    while let (bytes, isTerminated) = try nextLine() {
      line += 1
      guard bytes.contains(where: { !$0.isSpace }) else { continue }
      return RecordText(
        bytes: bytes, location: RecordLocation(file: path, line: line), isUnterminated: !isTerminated)
    }
    return nil
  }

  private func nextLine() throws(DatasetError) -> (bytes: ArraySlice<UInt8>, isTerminated: Bool)? {
    var searched = 0
    while true {
      let newline = window.withBytes(from: searched) { $0.firstOffset(of: UInt8(ascii: "\n")) }
      if let newline {
        let bytes = window.take(searched + newline + 1)
        return (bytes.dropLast(), true)
      }
      searched = window.count
      guard searched <= maximumLength else {
        throw .file(path: "\(path):\(line + 1)", problem: "the line is longer than \(maximumLength >> 20) MB")
      }
      guard try window.readMore() else { return searched == 0 ? nil : (window.take(searched), false) }
    }
  }
}

extension UInt8 {
  /// Whether the byte is white space in JSON.
  var isSpace: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }
}

extension UnsafeRawBufferPointer {
  /// Where the byte occurs first; nil where it does not.
  func firstOffset(of byte: UInt8) -> Int? {
    guard let baseAddress, let found = memchr(baseAddress, Int32(byte), count) else { return nil }
    return UnsafeRawPointer(found) - baseAddress
  }
}
