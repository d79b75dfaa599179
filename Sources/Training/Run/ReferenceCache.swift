import Foundation
import Hashing
import Llama

/// Log-probabilities of sequences under one reference model, kept on disk between runs.
///
/// The file's name is the fingerprint of the model, weights and configuration, and the type it computes in. A row's key is
/// what was scored: the tokens, which of them count, and, where a model's frequencies depend on it, the length they are
/// read to. So tokenizer, template, length and truncation are in the key by what they produce, and neither the order of
/// the data nor any setting of the training is.
public final class ReferenceCache {
  // A file is rows of 40 bytes: SHA-256 of the sequence, and the sum as a little-endian double. Rows are only appended,
  // so a killed run leaves at worst a half row at the end, which is cut off.
  private static let rowBytes = 40
  /// Rises when rows or keys come to mean something else: files of other versions are left alone.
  private static let version = 2

  private let file: FileHandle
  private let url: URL
  private var rows: [Digest: Double] = [:]

  /// How many sequences are known.
  public var count: Int { rows.count }

  /// Opens the cache of a model, or begins it.
  /// - Parameters:
  ///   - folder: where caches lie; it is made where it is missing.
  ///   - fingerprint: the model's fingerprint: of all that its scores depend on but the sequences.
  ///   - dtype: the type that the model computes in.
  /// - Throws: `TrainingError` where the file cannot be opened.
  public init(folder: URL, fingerprint: String, dtype: String) throws {
    url = folder.appending(path: "\(fingerprint)-\(dtype)-v\(Self.version).logps")
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      if !FileManager.default.fileExists(atPath: url.path) { try Data().write(to: url) }
      file = try FileHandle(forUpdating: url)
      let data = try file.readToEnd() ?? Data()
      let whole = data.count / Self.rowBytes * Self.rowBytes
      for start in stride(from: 0, to: whole, by: Self.rowBytes) {
        let row = data[data.startIndex + start..<data.startIndex + start + Self.rowBytes]
        let bits = row.suffix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        rows[Digest(bytes: Array(row.prefix(32)))] = Double(bitPattern: bits)
      }
      try file.truncate(atOffset: UInt64(whole))
    } catch {
      throw TrainingError("the reference cache \(url.path) cannot be opened: \(error.localizedDescription)")
    }
  }

  /// The sum that is known for a sequence.
  /// - Parameter length: the length that it is read to, where its score depends on that; see
  ///   `LlamaModel.rotaryLength(of:)`.
  public func score(_ sequence: TokenSequence, readTo length: Int? = nil) -> Double? {
    rows[Self.key(sequence, length)]
  }

  /// Adds the sums of sequences that are read to one length.
  /// - Throws: `TrainingError` where the file cannot be written.
  public func store(_ scores: some Sequence<(TokenSequence, Double)>, readTo length: Int? = nil) throws {
    var data = Data()
    for (sequence, sum) in scores {
      let key = Self.key(sequence, length)
      guard rows.updateValue(sum, forKey: key) == nil else { continue }
      data += key.bytes
      withUnsafeBytes(of: sum.bitPattern.littleEndian) { data += $0 }
    }
    do {
      try file.write(contentsOf: data)
    } catch {
      throw TrainingError("the reference cache \(url.path) cannot be written: \(error.localizedDescription)")
    }
  }

  private static func key(_ sequence: TokenSequence, _ length: Int?) -> Digest {
    let hash = ByteHasher(.sha256)
    withUnsafeBytes(of: (length ?? 0).littleEndian, hash.update)
    sequence.tokens.withUnsafeBytes(hash.update)
    sequence.isScored.withUnsafeBytes(hash.update)
    return hash.finalize()
  }
}
