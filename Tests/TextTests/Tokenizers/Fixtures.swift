import Foundation
import JSON
import TestSupport
import Text

/// Where the files of the tokenizer tests lie.
enum Fixtures {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

  /// Real files that are not part of the repository.
  static let real = Checkout.shared("real")
  static let haveReal = FileManager.default.fileExists(atPath: real.path)

  /// The text that speed is measured on, where one is given.
  static let benchmarkText = ProcessInfo.processInfo.environment["CARAVAN_BENCHMARK"].map { URL(filePath: $0) }

  static func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  static func json(_ name: String) throws -> JSON { try JSON(parsing: text(name)) }

  /// Runs `body` with a folder that holds these files and is gone afterwards.
  static func withFolder<Result>(_ files: [String: [UInt8]], _ body: (URL) throws -> Result) throws -> Result {
    let folder = try TemporaryFolder()
    for (name, bytes) in files { try folder.write(name, bytes) }
    return try withExtendedLifetime(folder) { try body(folder.url) }
  }

  /// The tokenizer of a folder with these files.
  static func tokenizer(_ files: [String: String]) throws -> Tokenizer {
    try withFolder(files.mapValues { Array($0.utf8) }) { try Tokenizer(folder: $0) }
  }
}
