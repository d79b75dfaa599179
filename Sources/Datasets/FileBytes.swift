import CZlib
import Foundation

/// The bytes of a file from its first to its last, unpacked where the file is gzip.
///
/// gzip is known by its first two bytes, whatever the file's name; a name that ends in `.gz` asks for it. Members that
/// follow one another are read as one text (RFC 1952, section 2.2), and each one's checksum is verified.
final class FileBytes {
  private let path: String
  private let descriptor: Int32
  private var input = [UInt8](repeating: 0, count: 1 << 18)
  private var inputRange = 0..<0
  private var gzip: Inflater?
  /// How many bytes of the file, as it lies on the disk, have been read.
  private(set) var position = 0

  init(path: String) throws(DatasetError) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .file(path: path, problem: String(cString: strerror(errno))) }
    while inputRange.count < 2, try refill() {}
    if path.hasSuffix(".gz") || input[inputRange].starts(with: [0x1F, 0x8B]) {
      guard let inflater = Inflater() else { throw .file(path: path, problem: "no memory to unpack gzip") }
      gzip = inflater
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Fills the front of `output`; 0 bytes at the end of the file.
  /// - Throws: `DatasetError.file` for what cannot be read, and for gzip data that is damaged or cut off.
  func read(into output: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    guard let gzip else {
      if inputRange.isEmpty, try !refill() { return 0 }
      let count = min(inputRange.count, output.count)
      output.copyBytes(from: input[inputRange.prefix(count)])
      inputRange.removeFirst(count)
      return count
    }
    while true {
      // Without input there may still be output that did not fit the last time.
      if !inputRange.isEmpty || !gzip.isBetweenMembers {
        let step = gzip.unpack(input[inputRange], into: output)
        inputRange.removeFirst(step.consumed)
        if let problem = step.problem { throw .file(path: path, problem: problem) }
        if step.produced > 0 { return step.produced }
      }
      if inputRange.isEmpty, try !refill() {
        if gzip.isBetweenMembers { return 0 }
        throw .file(path: path, problem: "the gzip data ends too early: the file was cut off")
      }
    }
  }

  /// Reads more input behind what is left of it; false at the end of the file.
  private func refill() throws(DatasetError) -> Bool {
    if inputRange.isEmpty { inputRange = 0..<0 }
    var count: Int
    repeat {
      count = input.withUnsafeMutableBytes { bytes in
        let free = UnsafeMutableRawBufferPointer(rebasing: bytes[inputRange.upperBound...])
        return Foundation.read(descriptor, free.baseAddress, free.count)
      }
    } while count < 0 && errno == EINTR
    guard count >= 0 else { throw .file(path: path, problem: String(cString: strerror(errno))) }
    inputRange = inputRange.lowerBound..<inputRange.upperBound + count
    position += count
    return count > 0
  }
}

extension Range<Int> {
  fileprivate mutating func removeFirst(_ count: Int) { self = lowerBound + count..<upperBound }
}
