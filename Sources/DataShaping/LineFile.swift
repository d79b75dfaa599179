import Descriptors
import Foundation

/// Lines with their positions, in a temporary file without a name, which is gone with the process whatever happens.
final class LineFile {
  /// What is not in the file yet, or everything: for each line its position and length, four bytes each, and its bytes.
  private var buffer: [UInt8] = []
  private var size = 0
  private let descriptor: Int32?

  private static let bufferSize = 1 << 17

  /// - Parameter inMemory: whether to do without a file.
  init(inMemory: Bool) throws(LineFileError) {
    guard !inMemory else {
      descriptor = nil
      return
    }
    let folder = FileManager.default.temporaryDirectory.path
    var template = Array("\(folder)/caravan-shuffle-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw LineFileError(folder: folder, code: errno) }
    unlink(template)
    self.descriptor = descriptor
  }

  deinit { if let descriptor { close(descriptor) } }

  func add(_ line: ArraySlice<UInt8>, at position: Int) throws(LineFileError) {
    for number in [position, line.count] {
      withUnsafeBytes(of: UInt32(truncatingIfNeeded: number)) { buffer += $0 }
    }
    buffer += line
    if descriptor != nil, buffer.count >= Self.bufferSize { try flush() }
  }

  /// Hands on the lines by their positions.
  func forEach(_ body: (ArraySlice<UInt8>) throws -> Void) throws {
    let bytes = try contents()
    var lines: [(position: UInt32, range: Range<Int>)] = []
    var place = 0
    func number() -> UInt32 {
      defer { place += 4 }
      return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: UInt32.self) }
    }
    while place + 8 <= bytes.count {
      let position = number()
      let length = Int(number())
      lines.append((position, place..<min(bytes.count, place + length)))
      place += length
    }
    for line in lines.sorted(by: { $0.position < $1.position }) { try body(bytes[line.range]) }
  }

  private func flush() throws(LineFileError) {
    guard let descriptor else { return }
    let code = writeAll(buffer, to: descriptor)
    guard code == 0 else { throw LineFileError(folder: FileManager.default.temporaryDirectory.path, code: code) }
    size += buffer.count
    buffer.removeAll(keepingCapacity: true)
  }

  private func contents() throws(LineFileError) -> [UInt8] {
    guard let descriptor else { return buffer }
    try flush()
    buffer = []
    var bytes = [UInt8](repeating: 0, count: size)
    var done = 0
    while done < size {
      let count = bytes.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress?.advanced(by: done), size - done, off_t(done))
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw LineFileError(folder: FileManager.default.temporaryDirectory.path, code: errno) }
      done += count
    }
    return bytes
  }
}

/// A temporary file that cannot be written or read.
package struct LineFileError: Error, CustomStringConvertible {
  let folder: String
  let code: Int32

  /// One line, with what to do.
  package var description: String {
    "\(folder): temporary files cannot be kept there: \(String(cString: strerror(code))); name another folder in TMPDIR"
  }
}
