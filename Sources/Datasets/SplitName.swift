import DataLayout
import Foundation

/// A folder of data, and which split of it is meant: `FOLDER`, `FOLDER:SPLIT`, `FOLDER/CONFIGURATION:SPLIT`.
struct SplitName {
  /// The folder.
  let path: String
  let configuration: String?
  let split: String?

  /// Reads a name; nil for a file.
  /// - Throws: `DatasetError.file` for what is neither there nor a split of a folder.
  init?(_ name: String) throws(DatasetError) {
    if let isFolder = Self.isFolder(name) {
      guard isFolder else { return nil }
      (path, configuration, split) = (name, nil, nil)
      return
    }
    guard let colon = name.lastIndex(of: ":"), name.index(after: colon) < name.endIndex,
      !name[colon...].contains("/")
    else { throw .file(path: name, problem: "no such file or folder") }
    let folder = String(name[..<colon])
    split = String(name[colon...].dropFirst())
    if Self.isFolder(folder) == true {
      (path, configuration) = (folder, nil)
      return
    }
    // What is no folder may be a configuration that the card of a folder names.
    guard let slash = folder.lastIndex(of: "/"), slash > folder.startIndex else {
      throw .file(path: name, problem: "no such file or folder")
    }
    path = String(folder[..<slash])
    let configuration = String(folder[slash...].dropFirst())
    self.configuration = configuration
    guard Self.isFolder(path) == true, let card = try? card(), card.has(configuration) else {
      throw .file(path: name, problem: "no such file or folder")
    }
  }

  /// What goes in front of the paths within the folder.
  var prefix: String { path.hasSuffix("/") ? path : path + "/" }
  /// How messages name the folder.
  var title: String { path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path }

  /// What the folder's card says, where it has one.
  func card() throws(LayoutError) -> DataCard? {
    try DataCard.read { name in
      guard Self.isFolder(prefix + name) == false,
        let bytes = try? FileHandle(forReadingAtPath: prefix + name)?.read(upToCount: DataCard.longest)
      else { return nil }
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  /// Whether a path is a folder; nil where there is nothing.
  private static func isFolder(_ path: String) -> Bool? {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) ? isFolder.boolValue : nil
  }
}
