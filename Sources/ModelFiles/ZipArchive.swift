import JSON

/// The directory of a zip file whose entries are stored without compression, as PyTorch writes them.
///
/// Format: PKWARE's APPNOTE, sections 4.3 and 4.5 (zip64).
struct ZipArchive {
  /// An entry's bytes: their place in the file.
  struct Entry {
    let offset: Int
    let count: Int
  }

  let file: MappedFile
  private(set) var entries: TextKeyed<Entry> = [:]

  init(_ file: MappedFile) throws {
    self.file = file
    let directory = try Directory(of: file)
    var position = directory.offset
    for _ in 0..<directory.entryCount {
      guard let header = file.slice(at: position, count: 46), file.number(at: position, as: UInt32.self) == 0x0201_4B50
      else { throw Self.damaged(file) }
      position += 46
      func short(_ offset: Int) -> Int {
        Int(UInt16(littleEndian: header.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
      }
      func long(_ offset: Int) -> UInt64 {
        UInt64(UInt32(littleEndian: header.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
      }
      let (nameCount, extraCount, commentCount) = (short(28), short(30), short(32))
      guard let nameBytes = file.slice(at: position, count: nameCount),
        let name = String(validating: nameBytes, as: UTF8.self)
      else { throw Self.damaged(file) }
      position += nameCount

      // Sizes that do not fit 32 bits stand in the zip64 extra field, in this order.
      var sizes = [long(24), long(20), long(42)]
      try Self.replaceLargeSizes(&sizes, extraAt: position, count: extraCount, file)
      position += extraCount + commentCount

      guard short(8) & 1 == 0 else { throw ModelFileError(file.path, "its entry \(quoted(name)) is encrypted") }
      guard short(10) == 0 else {
        throw ModelFileError(file.path, "its entry \(quoted(name)) is compressed; PyTorch stores entries as they are")
      }
      guard sizes[0] == sizes[1], let count = Int(exactly: sizes[0]), let local = Int(exactly: sizes[2]) else {
        throw Self.damaged(file)
      }
      let entry = Entry(offset: try Self.dataOffset(localHeader: local, file), count: count)
      guard file.slice(at: entry.offset, count: count) != nil else {
        throw ModelFileError(
          file.path, "is truncated: its entry \(quoted(name)) claims \(count) bytes beyond the end of the file")
      }
      guard entries.updateValue(entry, forKey: name) == nil else {
        throw ModelFileError(file.path, "has two entries \(quoted(name))")
      }
    }
  }

  /// The bytes of the entry `name`; nil where there is none.
  func bytes(_ name: String) -> UnsafeRawBufferPointer? {
    entries[name].flatMap { file.slice(at: $0.offset, count: $0.count) }
  }

  private static func damaged(_ file: MappedFile) -> ModelFileError {
    ModelFileError(file.path, "is damaged: the directory of the zip archive cannot be read")
  }

  /// The local header repeats name and extra field, with lengths of its own.
  private static func dataOffset(localHeader: Int, _ file: MappedFile) throws -> Int {
    guard let header = file.slice(at: localHeader, count: 30),
      file.number(at: localHeader, as: UInt32.self) == 0x0403_4B50
    else { throw damaged(file) }
    let name = Int(UInt16(littleEndian: header.loadUnaligned(fromByteOffset: 26, as: UInt16.self)))
    let extra = Int(UInt16(littleEndian: header.loadUnaligned(fromByteOffset: 28, as: UInt16.self)))
    return localHeader + 30 + name + extra
  }

  private static func replaceLargeSizes(
    _ sizes: inout [UInt64], extraAt start: Int, count: Int, _ file: MappedFile
  ) throws {
    guard file.slice(at: start, count: count) != nil else { throw damaged(file) }
    guard sizes.contains(0xFFFF_FFFF) else { return }
    var position = start
    while position + 4 <= start + count {
      guard let tag = file.number(at: position, as: UInt16.self),
        let length = file.number(at: position + 2, as: UInt16.self)
      else { break }
      position += 4
      let end = position + Int(length)
      guard end <= start + count else { break }
      if tag == 1 {
        for index in sizes.indices where sizes[index] == 0xFFFF_FFFF {
          guard position + 8 <= end, let size = file.number(at: position, as: UInt64.self) else { throw damaged(file) }
          sizes[index] = size
          position += 8
        }
        return
      }
      position = end
    }
  }
}

extension ZipArchive {
  /// Where the central directory begins, and how many entries it has.
  private struct Directory {
    let offset: Int
    let entryCount: Int

    init(of file: MappedFile) throws {
      guard let end = Self.endRecord(of: file) else {
        throw ModelFileError(file.path, "is truncated: the zip archive has no directory at its end")
      }
      var count = file.number(at: end + 10, as: UInt16.self).map(UInt64.init)
      var offset = file.number(at: end + 16, as: UInt32.self).map(UInt64.init)
      // A locator before the record points to the zip64 record, whose fields are wide enough for all files.
      if file.number(at: end - 20, as: UInt32.self) == 0x0706_4B50 {
        guard let place = file.number(at: end - 12, as: UInt64.self).flatMap(Int.init(exactly:)),
          file.number(at: place, as: UInt32.self) == 0x0606_4B50
        else { throw ZipArchive.damaged(file) }
        count = place <= file.bytes.count - 56 ? file.number(at: place + 32, as: UInt64.self) : nil
        offset = place <= file.bytes.count - 56 ? file.number(at: place + 48, as: UInt64.self) : nil
      }
      guard let count, let offset, let start = Int(exactly: offset), start <= file.bytes.count,
        let entries = Int(exactly: count), entries <= (file.bytes.count - start) / 46
      else { throw ZipArchive.damaged(file) }
      self.offset = start
      entryCount = entries
    }

    /// The end record is the last thing in the file but for a comment, whose length it holds.
    private static func endRecord(of file: MappedFile) -> Int? {
      let last = file.bytes.count - 22
      guard last >= 0 else { return nil }
      for position in stride(from: last, through: max(0, last - 0xFFFF), by: -1)
      where file.number(at: position, as: UInt32.self) == 0x0605_4B50 {
        if let comment = file.number(at: position + 20, as: UInt16.self),
          position + 22 + Int(comment) == file.bytes.count
        {
          return position
        }
      }
      return nil
    }
  }
}
