import Foundation

/// The bytes of a file from its first to its last, unpacked where the file is packed.
///
/// A packing is known by the first bytes, whatever the file's name; a name that ends in `.gz` and the like asks for it.
/// Packed texts that follow one another are read as one (RFC 1952, section 2.2), and each one's checksum is verified.
final class FileBytes {
  private let path: String
  private let descriptor: Int32
  private var input = [UInt8](repeating: 0, count: 1 << 18)
  private var inputRange = 0..<0
  private var unpacker: (any Unpacker)?
  /// What the file is packed with.
  private(set) var packing: Packing?
  /// How many bytes of the file, as it lies on the disk, have been read.
  private(set) var position = 0

  init(path: String) throws(DatasetError) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .file(path: path, problem: String(cString: strerror(errno))) }
    while inputRange.count < FileKind.telling, try refill() {}
    let start = input[inputRange]
    guard let packing = Packing(start) ?? Packing(path: path) else { return }
    if Packing(start) == nil, let problem = FileKind.problem(start) { throw .file(path: path, problem: problem) }
    self.packing = packing
    unpacker = packing.unpacker()
    guard unpacker != nil else { throw .file(path: path, problem: "no memory to unpack \(packing.name)") }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Fills the front of `output`; 0 bytes at the end of the file.
  /// - Throws: `DatasetError.file` for what cannot be read, and for packed data that is damaged or cut off.
  func read(into output: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    guard let unpacker, let packing else {
      if inputRange.isEmpty, try !refill() { return 0 }
      let count = min(inputRange.count, output.count)
      output.copyBytes(from: input[inputRange.prefix(count)])
      inputRange.removeFirst(count)
      return count
    }
    while true {
      // Without input there may still be output that did not fit the last time.
      if !inputRange.isEmpty || !unpacker.isBetweenMembers {
        let step = unpacker.unpack(input[inputRange], into: output)
        inputRange.removeFirst(step.consumed)
        if let problem = step.problem { throw .file(path: path, problem: problem) }
        if step.produced > 0 { return step.produced }
      }
      if inputRange.isEmpty, try !refill() {
        if unpacker.isBetweenMembers { return 0 }
        throw .file(path: path, problem: "the \(packing.name) data ends too early: the file was cut off")
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
