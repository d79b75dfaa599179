extension DataFiles {
  /// The whole of a file, unpacked where it is packed.
  /// - Parameter most: the most bytes that are taken.
  /// - Throws: `DatasetError.file` for what cannot be read, and for what is longer.
  package static func bytes(at path: String, most: Int = 1 << 30) throws(DatasetError) -> [UInt8] {
    let file = try FileBytes(path: path)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let result = buffer.withUnsafeMutableBytes { space in
        Result { () throws(DatasetError) in try file.read(into: space) }
      }
      let count = try result.get()
      if count == 0 { return bytes }
      bytes += buffer.prefix(count)
      guard bytes.count <= most else {
        throw .file(path: path, problem: "has more than \(most >> 20) MiB, which is too long to read at once")
      }
    }
  }
}
