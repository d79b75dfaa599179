import Foundation

/// A folder of its own for a test, gone afterwards.
public final class TemporaryFolder: Sendable {
  /// Where it is, links resolved.
  public let url: URL

  /// A new, empty folder.
  public init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "caravan-\(UUID().uuidString)")
      .resolvingSymlinksInPath()
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Where it is.
  public var path: String { url.path }

  /// A place within it.
  public func url(_ name: String) -> URL { url.appending(path: name) }

  /// A place within it.
  public func path(_ name: String) -> String { url(name).path }

  /// Writes a file, and the folders that it lies in.
  @discardableResult
  public func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> URL {
    let file = url(name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return file
  }

  /// Writes a file of this text.
  @discardableResult
  public func write(_ name: String, _ text: String) throws -> URL { try write(name, text.utf8) }

  /// A file's text.
  public func text(_ name: String) throws -> String { String(decoding: try Data(contentsOf: url(name)), as: UTF8.self) }

  /// The names in a folder of it, sorted.
  public func names(_ folder: String = "") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path(folder)).sorted()
  }

  /// A text with the folder's place taken out of its paths.
  public func relative(_ text: String) -> String { text.replacingOccurrences(of: path + "/", with: "") }
}
