import Foundation
import Hashing
import JSON
import Parallel

/// A folder's `SHA256SUMS`, a line for each file as `sha256sum` writes it: what every byte was when the folder was whole.
public enum Checksums {
  /// The file's name.
  public static let file = "SHA256SUMS"

  /// Writes the checksums of all files of a folder, `last` at the end.
  /// - Throws: `ModelFileError` where a file cannot be read, or the sums not be written.
  public static func write(in folder: URL, last: String) throws {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let names = all.filter { ![file, last].contains($0) && !$0.hasPrefix(".") }.sorted() + [last]
    let lines = zip(names, try sums(names, in: folder)).map { line($0, $1) + "\n" }
    try AtomicFile.write(Array(lines.joined().utf8), to: folder.appendingPathComponent(file).path)
  }

  /// Checks that all files are as they were; other files may have come.
  /// - Returns: whether there are checksums.
  /// - Throws: `ModelFileError` naming the first file that is another.
  public static func verify(in folder: URL, last: String) throws -> Bool {
    let path = folder.appendingPathComponent(file).path
    guard FileManager.default.fileExists(atPath: path) else { return false }
    let list = try MappedFile(path)
    let text = withExtendedLifetime(list) { String(decoding: list.bytes, as: UTF8.self) }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let names = lines.dropLast().map { String($0.dropFirst(66)) }
    // A cut list would check less than all.
    guard lines.last == "", names.last == last, names.allSatisfy({ !$0.utf8.contains(UInt8(ascii: "/")) }) else {
      throw ModelFileError(path, "is damaged")
    }
    for ((name, sum), written) in zip(zip(names, try sums(names, in: folder)), lines) where line(name, sum) != written {
      throw ModelFileError(
        folder.appendingPathComponent(name).path, "is not what was written: its SHA-256 is another than in \(file)")
    }
    return true
  }

  private static func line(_ name: String, _ sum: String) -> String { "\(sum)  \(name)" }

  /// The SHA-256 of files, one on each core.
  private static func sums(_ names: [String], in folder: URL) throws -> [String] {
    let files = try names.map { try MappedFile(folder.appendingPathComponent($0).path) }
    return files.concurrentMap { file in
      let hash = ByteHasher(.sha256)
      hash.update(file.bytes)
      return hash.finalize().hexadecimal
    }
  }
}
