import Foundation
import JSON

/// A safetensors file, mapped into memory: 8 bytes of header length, a JSON header, the tensors' bytes.
///
/// The header is trusted in nothing: tensors must fill the data exactly, without gap or overlap.
/// Format: https://huggingface.co/docs/safetensors
public struct SafetensorsFile: Sendable {
  /// The tensors, in the order of their bytes.
  public let tensors: [StoredTensor]
  /// The header's `__metadata__`.
  public let metadata: TextKeyed<String>

  /// What the format allows a header to take.
  static let largestHeader = 100_000_000

  /// Maps the file at `url` and validates its header.
  /// - Throws: `ModelFileError`.
  public init(_ url: URL) throws { try self.init(path: url.path) }

  init(path: String) throws {
    let file = try MappedFile(path)
    let header = try Self.header(of: file)
    let dataStart = 8 + header.count
    let members = try Self.members(of: header, path: path)

    var metadata: TextKeyed<String> = [:]
    var entries: [Entry] = []
    for (name, value) in members {
      if name == "__metadata__" {
        metadata = try Self.metadata(value, path: path)
      } else {
        entries.append(try Entry(name: name, value, path: path))
      }
    }
    entries.sort { ($0.begin, $0.end) < ($1.begin, $1.end) }
    try Self.requireTiling(entries, dataCount: file.bytes.count - dataStart, path: path)
    self.metadata = metadata
    tensors = entries.map { entry in
      StoredTensor(
        name: entry.name, elementType: entry.elementType, shape: entry.shape, elementCount: entry.elementCount,
        strides: nil, file: file, offset: dataStart + entry.begin)
    }
  }

  private static func header(of file: MappedFile) throws -> UnsafeRawBufferPointer {
    guard let length = file.number(at: 0, as: UInt64.self) else {
      throw ModelFileError(file.path, "is truncated: \(file.bytes.count) bytes are not a safetensors file")
    }
    guard length <= largestHeader else {
      throw ModelFileError(
        file.path, "is not a safetensors file: its header claims \(length) bytes, the most allowed are \(largestHeader)"
      )
    }
    guard let header = file.slice(at: 8, count: Int(length)) else {
      throw ModelFileError(
        file.path, "is truncated: its header claims \(length) bytes, the file has \(file.bytes.count)")
    }
    return header
  }

  private static func members(of header: UnsafeRawBufferPointer, path: String) throws -> TextKeyed<JSON> {
    let json: JSON
    do {
      json = try JSON(parsing: header)
    } catch {
      throw ModelFileError(path, "the safetensors header is not JSON: \(error)")
    }
    guard let members = json.object else { throw ModelFileError(path, "the safetensors header is not a JSON object") }
    guard topLevelKeyCount(header) == members.count else {
      throw ModelFileError(path, "the safetensors header names a tensor twice")
    }
    return members
  }

  /// Counts the keys of the outermost object of valid JSON, each as often as it occurs: a parsed object keeps only the
  /// last of two equal ones.
  private static func topLevelKeyCount(_ json: UnsafeRawBufferPointer) -> Int {
    var count = 0
    var depth = 0
    var isInString = false
    var isEscaped = false
    for byte in json {
      if isEscaped {
        isEscaped = false
      } else if isInString {
        if byte == UInt8(ascii: "\\") { isEscaped = true }
        if byte == UInt8(ascii: "\"") { isInString = false }
      } else {
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
        case UInt8(ascii: ":") where depth == 1: count += 1
        default: break
        }
      }
    }
    return count
  }

  private static func metadata(_ value: JSON, path: String) throws -> TextKeyed<String> {
    guard let members = value.object else { throw ModelFileError(path, "__metadata__ is not a JSON object") }
    var metadata: TextKeyed<String> = [:]
    for (key, value) in members {
      guard let text = value.string else { throw ModelFileError(path, "__metadata__ \(quoted(key)) is not a string") }
      metadata[key] = text
    }
    return metadata
  }

  /// `entries` are sorted by their first byte.
  private static func requireTiling(_ entries: [Entry], dataCount: Int, path: String) throws {
    var end = 0
    var previous = ""
    for entry in entries {
      let name = quoted(entry.name)
      guard entry.end <= dataCount else {
        throw ModelFileError(
          path, "is truncated: tensor \(name) ends at byte \(entry.end) of the data, which has \(dataCount)")
      }
      guard entry.begin >= end else {
        throw ModelFileError(path, "tensor \(name) overlaps tensor \(quoted(previous))")
      }
      guard entry.begin == end else {
        throw ModelFileError(path, "\(entry.begin - end) bytes before tensor \(name) belong to no tensor")
      }
      end = entry.end
      previous = entry.name
    }
    guard end == dataCount else {
      throw ModelFileError(path, "\(dataCount - end) bytes at the end of the file belong to no tensor")
    }
  }
}

extension SafetensorsFile {
  /// One tensor's line of the header, checked by itself.
  private struct Entry {
    let name: String
    let elementType: ElementType
    let shape: [Int]
    let elementCount: Int
    let begin: Int
    let end: Int

    init(name: String, _ value: JSON, path: String) throws {
      func error(_ reason: String) -> ModelFileError { ModelFileError(path, "tensor \(quoted(name)): \(reason)") }
      guard value.object != nil else { throw error("its header is \(value.kind), no object") }
      guard let typeName = value["dtype"]?.string else { throw error("dtype is missing") }
      guard let type = ElementType(rawValue: typeName) else {
        throw error("dtype \(quoted(typeName)) is not supported")
      }
      guard let sizes = value["shape"]?.array else { throw error("shape is missing") }
      let shape = sizes.compactMap(Self.size)
      guard shape.count == sizes.count else { throw error("shape must be a list of whole numbers from 0") }
      guard let count = checkedProduct(shape), !count.multipliedReportingOverflow(by: type.size).overflow else {
        throw error("shape \(shape) overflows")
      }
      guard let offsets = value["data_offsets"]?.array, offsets.count == 2, let begin = Self.size(offsets[0]),
        let end = Self.size(offsets[1])
      else { throw error("data_offsets must be two whole numbers from 0") }
      guard begin <= end else { throw error("data_offsets [\(begin), \(end)] run backwards") }
      guard end - begin == count * type.size else {
        throw error(
          "shape \(shape) of \(typeName) takes \(count * type.size) bytes, data_offsets give it \(end - begin)")
      }
      self.name = name
      self.shape = shape
      self.begin = begin
      self.end = end
      elementType = type
      elementCount = count
    }

    private static func size(_ value: JSON) -> Int? {
      guard case .integer(let size) = value, size >= 0 else { return nil }
      return size
    }
  }
}
