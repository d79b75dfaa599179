import Foundation

/// The bytes of a file, of which at most `limit` are read.
func readFile(_ path: String, limit: Int = .max) throws(ReportingError) -> [UInt8] {
  guard let file = fopen(path, "r") else { throw ReportingError(cannot: "read", path) }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while bytes.count < limit {
    let count = fread(&chunk, 1, min(chunk.count, limit - bytes.count), file)
    guard ferror(file) == 0 else { throw ReportingError(cannot: "read", path) }
    if count == 0 { break }
    bytes += chunk[..<count]
  }
  return bytes
}
