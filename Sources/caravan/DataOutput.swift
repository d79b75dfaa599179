import Datasets
import Foundation
import ModelFiles

/// The lines that a command makes: on standard output, or in a file that appears whole or not at all, packed with gzip
/// where its name ends in `.gz`.
///
///     let output = try DataOutput(path: options.output)
///     for record in records { try output.write(line: record.json.text) }
///     try output.finish()
final class DataOutput {
  /// How many lines were written.
  private(set) var lines = 0

  private let file: AtomicFile?
  private let gzip: Deflater?
  private var buffer: [UInt8] = []
  private static let bufferSize = 1 << 18

  /// Begins a file, or standard output where there is no path.
  /// - Throws: `DataOutputError` for a path that is a folder or a device, `ModelFileError` for one that cannot be written.
  init(path: String?) throws {
    buffer.reserveCapacity(Self.bufferSize + Self.bufferSize / 4)
    guard let path else {
      (file, gzip) = (nil, nil)
      return
    }
    try Self.check(path)
    file = try AtomicFile(path)
    guard path.hasSuffix(".gz") else {
      gzip = nil
      return
    }
    guard let deflater = Deflater() else {
      throw DataOutputError(path: path, problem: "no memory to pack it with gzip")
    }
    gzip = deflater
  }

  /// Refuses what a file cannot be put in the place of.
  /// - Throws: `DataOutputError`.
  static func check(_ path: String) throws {
    var status = stat()
    guard stat(path, &status) == 0 else {
      let folder = Path.folder(of: path)
      guard folder.isEmpty || FileManager.default.fileExists(atPath: folder) else {
        throw DataOutputError(path: path, problem: "the folder \(folder) does not exist; make it first")
      }
      return
    }
    // Renaming a file over a device such as /dev/null would replace the device.
    switch status.st_mode & S_IFMT {
    case S_IFREG: return
    case S_IFDIR: throw DataOutputError(path: path, problem: "is a folder; name a file")
    default:
      throw DataOutputError(path: path, problem: "is not a file; without the option, lines go to standard output")
    }
  }

  /// Adds a line, whose text must hold no newline.
  /// - Throws: `OutputError`, `ModelFileError`.
  func write(line: String) throws {
    buffer += line.utf8
    try endLine()
  }

  /// Adds a line of these bytes, which must hold no newline.
  /// - Throws: `OutputError`, `ModelFileError`.
  func write(line: ArraySlice<UInt8>) throws {
    buffer += line
    try endLine()
  }

  /// Writes what is left, and puts the file in its place.
  /// - Throws: `OutputError`, `ModelFileError`.
  func finish() throws {
    try flush(isLast: true)
    try file?.commit()
  }

  private func endLine() throws {
    buffer.append(UInt8(ascii: "\n"))
    lines += 1
    if buffer.count >= Self.bufferSize { try flush(isLast: false) }
  }

  private func flush(isLast: Bool) throws {
    if let file, let gzip {
      try gzip.pack(buffer, isLast: isLast) { try file.write($0) }
    } else if let file {
      try file.write(buffer)
    } else {
      try buffer.withUnsafeBytes { try output($0) }
    }
    buffer.removeAll(keepingCapacity: true)
  }
}

/// A place that lines cannot be written to.
struct DataOutputError: Error, CustomStringConvertible {
  let path: String
  let problem: String
  var description: String { "\(path): \(problem)" }
}
