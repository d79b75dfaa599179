import CZlib

/// The pages of a column chunk, one after the other, checked and unpacked.
final class ChunkPages {
  /// A page that holds values; its bytes stay in place until the next page is asked for.
  struct DataPage {
    let valueCount: Int
    let encoding: Encoding
    let repetitions: Levels
    let definitions: Levels
    let values: UnsafeRawBufferPointer
  }

  enum Page {
    case dictionary(UnsafeRawBufferPointer, valueCount: Int, Encoding)
    case data(DataPage)
  }

  /// The longest page: room for any honest one (writers aim at 1 MB), and a bound for the memory that a file can ask for.
  static let maximumPageLength = 256 << 20
  private static let maximumHeaderLength = 16 << 20

  private let bytes: ChunkBytes
  private let codec: Int
  private let unpacker: PageUnpacker
  private let unpacked: PageMemory
  private let maximumDefinition: Int
  private let maximumRepetition: Int

  /// - Parameter memory: where pages are unpacked.
  init(
    _ chunk: ColumnChunk, of file: InputFile, memory: PageMemory, unpacker: PageUnpacker, maximumDefinition: Int,
    maximumRepetition: Int
  ) throws(Problem) {
    bytes = try ChunkBytes(file, range: try chunk.range())
    codec = chunk.codec
    self.unpacker = unpacker
    unpacked = memory
    self.maximumDefinition = maximumDefinition
    self.maximumRepetition = maximumRepetition
  }

  /// The next page.
  /// - Throws: `Problem` for what is damaged or not supported, and at the end of the chunk.
  func next() throws(Problem) -> Page {
    while true {
      let header = try nextHeader()
      let packed = try bytes.take(header.packedCount)
      if let checksum = header.checksum {
        let found = crc32(0, packed.bindMemory(to: UInt8.self).baseAddress, UInt32(packed.count))
        guard UInt32(truncatingIfNeeded: found) == checksum || packed.isEmpty else {
          throw Problem("a page's checksum is wrong: the file is damaged")
        }
      }
      switch header.content {
      case .index: continue
      case .dictionary:
        let encoding = try Encoding.numbered(header.encoding)
        return .dictionary(try unpack(packed, header.unpackedCount), valueCount: header.valueCount, encoding)
      case .data(let definitionEncoding, let repetitionEncoding):
        var cursor = ByteCursor(try unpack(packed, header.unpackedCount))
        let count = header.valueCount
        let repetitions = try Levels(
          &cursor, maximum: maximumRepetition, encoding: repetitionEncoding, count: count)
        let definitions = try Levels(
          &cursor, maximum: maximumDefinition, encoding: definitionEncoding, count: count)
        return .data(
          DataPage(
            valueCount: count, encoding: try Encoding.numbered(header.encoding), repetitions: repetitions,
            definitions: definitions, values: cursor.rest))
      case .dataV2(let definitionCount, let repetitionCount, let isPacked):
        var cursor = ByteCursor(packed)
        let repetitions = try Levels(try cursor.take(repetitionCount), maximum: maximumRepetition)
        let definitions = try Levels(try cursor.take(definitionCount), maximum: maximumDefinition)
        let levels = repetitionCount + definitionCount
        guard header.unpackedCount >= levels else { throw Problem("a page's levels are longer than the page") }
        // Where all values are null there may be nothing to unpack.
        let isStored = !isPacked || header.unpackedCount == levels
        return .data(
          DataPage(
            valueCount: header.valueCount, encoding: try Encoding.numbered(header.encoding), repetitions: repetitions,
            definitions: definitions,
            values: isStored ? cursor.rest : try unpack(cursor.rest, header.unpackedCount - levels)))
      }
    }
  }

  private func nextHeader() throws(Problem) -> PageHeader {
    let header = try peekHeader()
    _ = try bytes.take(header.length)
    let longest = max(header.packedCount, header.unpackedCount)
    guard longest <= Self.maximumPageLength else {
      throw Problem("a page of \(longest) bytes is longer than \(Self.maximumPageLength >> 20) MB")
    }
    return header
  }

  private func peekHeader() throws(Problem) -> PageHeader {
    guard bytes.count > 0 else { throw Problem("the column ends before all of its values have come") }
    var wanted = 1 << 10
    while true {
      let window = try bytes.peek(wanted)
      do throws(Problem) {
        return try PageHeader(window)
      } catch {
        // Either the header is damaged, or its end was not in the window.
        guard window.count < min(bytes.count, Self.maximumHeaderLength) else { throw error }
        wanted = window.count * 2
      }
    }
  }

  private func unpack(_ packed: UnsafeRawBufferPointer, _ count: Int) throws(Problem) -> UnsafeRawBufferPointer {
    guard codec != 0 else {
      guard packed.count == count else { throw Problem("a page's two lengths differ although it is not packed") }
      return packed
    }
    // zlib wants an address even for no bytes.
    try unpacked.reserve(max(1, count))
    let output = UnsafeMutableRawBufferPointer(rebasing: unpacked.bytes.prefix(count))
    try unpacker.unpack(packed, codec: codec, into: output)
    return UnsafeRawBufferPointer(output)
  }
}
