import Datasets
import Foundation
import JSON
import TestSupport

/// Recorded outputs of models with their published verdicts, which are no part of the repository.
enum Gold {
  static func file(_ path: String) -> URL { Checkout.shared("gold/\(path)") }

  static func has(_ path: String) -> Bool { FileManager.default.fileExists(atPath: file(path).path) }

  static func json(_ path: String) throws -> JSON { try JSON(file: file(path)) }

  /// The lines of a file, which may be packed.
  static func lines(_ path: String) throws -> [JSON] {
    let bytes = try DataFiles.bytes(at: file(path).path)
    return try bytes.split(separator: UInt8(ascii: "\n")).map { try JSON(parsing: Array($0)) }
  }
}

extension JSON {
  func text(_ field: String) -> String { self[field]?.string ?? "" }
  func numbers(_ field: String) -> [Double] { self[field]?.array?.compactMap(\.double) ?? [] }
}
