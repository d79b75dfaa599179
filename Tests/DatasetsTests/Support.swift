import CZlib
import Datasets
import Foundation
import JSON
import TestSupport

extension TemporaryFolder {
  /// Writes a file and returns its path.
  @discardableResult
  func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String { try write(name, bytes).path }

  @discardableResult
  func write(_ text: String, to name: String) throws -> String { try write(name, text).path }

  /// The description of the error that reading `paths` ends in; nil where it ends well.
  func error<Record: DatasetRecord>(reading paths: String..., as type: Record.Type) -> String? {
    do {
      _ = try DatasetReader<Record>(paths).readAll()
      return nil
    } catch {
      return relative(error.description)
    }
  }
}

/// One gzip member.
func gzip(_ bytes: some Sequence<UInt8>) -> [UInt8] {
  var input = Array(bytes)
  var stream = z_stream()
  deflateInit2_(
    &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
  var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(input.count))))
  let count = input.withUnsafeMutableBufferPointer { input in
    output.withUnsafeMutableBufferPointer { output in
      stream.next_in = input.baseAddress
      stream.avail_in = UInt32(input.count)
      stream.next_out = output.baseAddress
      stream.avail_out = UInt32(output.count)
      deflate(&stream, Z_FINISH)
      return Int(stream.total_out)
    }
  }
  deflateEnd(&stream)
  return Array(output.prefix(count))
}

/// A record that takes any JSON, to see how files are cut into records.
struct AnyRecord: DatasetRecord, Equatable {
  let text: String
  let line: Int

  init(_ text: String, line: Int) {
    self.text = text
    self.line = line
  }

  init(json: JSON, location: RecordLocation) throws(RecordError) {
    self.init(json.text, line: location.line)
  }
}

/// Files beside the repository; nil where they are absent.
func sharedFile(_ name: String) -> String? {
  let path = Checkout.shared("real/\(name)").path
  return FileManager.default.fileExists(atPath: path) ? path : nil
}
