import JSON

/// The parts of a path as the system takes it apart. Foundation's `NSString` dies of paths of one character.
package enum Path {
  /// The folder that a path lies in: empty for a name alone, `/` for what lies at the root.
  package static func folder(of path: String) -> String {
    let bare = withoutEnd(path)
    guard let slash = bare.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
    let folder = withoutEnd(String(bare[..<slash]))
    return folder.isEmpty ? "/" : folder
  }

  /// The last name of a path; empty where the path is.
  package static func name(of path: String) -> String {
    let bare = withoutEnd(path)
    guard let slash = bare.utf8.lastIndex(of: UInt8(ascii: "/")), bare != "/" else { return bare }
    return String(bare[bare.utf8.index(after: slash)...])
  }

  /// The path of a name in a folder; the name alone where the folder is empty.
  package static func join(_ folder: String, _ name: String) -> String {
    folder.isEmpty || folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }

  /// A path without slashes at its end; the root stays.
  private static func withoutEnd(_ path: String) -> String {
    var bytes = path.utf8[...]
    while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes = bytes.dropLast() }
    return String(Substring(bytes))
  }
}
