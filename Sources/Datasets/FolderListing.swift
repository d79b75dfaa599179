import Foundation
import JSON

/// The files below a folder, by their paths relative to it. Links are followed, hidden folders are not looked into.
struct FolderListing {
  private(set) var paths: [String] = []
  private var folderCount = 0

  /// More than any data set has; a bound for the work that a folder can ask for.
  private static let mostEntries = 1_000_000
  private static let mostDepth = 64

  /// - Throws: `DatasetError.file` for a folder that cannot be listed.
  init(_ folder: String) throws(DatasetError) { try add(folder, prefix: "", above: []) }

  /// A folder of the disk, whatever path leads to it.
  private struct Identity: Equatable {
    let device: dev_t
    let number: ino_t
  }

  private mutating func add(_ folder: String, prefix: String, above: [Identity]) throws(DatasetError) {
    var status = stat()
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder)
      guard stat(folder, &status) == 0 else { throw CocoaError(.fileReadUnknown) }
    } catch {
      throw .file(path: folder, problem: "the folder cannot be listed")
    }
    let identity = Identity(device: status.st_dev, number: status.st_ino)
    // A folder that links lead to from within has no new files.
    guard !above.contains(identity) else { return }
    folderCount += 1
    guard above.count < Self.mostDepth, folderCount + paths.count + names.count <= Self.mostEntries else {
      throw .file(path: folder, problem: "holds more files and folders than are looked through; name those to read")
    }
    for name in names {
      let place = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
      var isFolder: ObjCBool = false
      // A link that leads nowhere counts as a file, so that it is missed when it is read.
      if FileManager.default.fileExists(atPath: place, isDirectory: &isFolder), isFolder.boolValue {
        if !name.hasPrefix(".") { try add(place, prefix: "\(prefix)\(name)/", above: above + [identity]) }
      } else {
        paths.append(prefix + name)
      }
    }
  }
}
