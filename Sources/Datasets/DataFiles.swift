import Foundation

/// The files behind the paths that a user names.
package enum DataFiles {
  /// The endings of files that are read from a folder.
  package static let endings = [".jsonl", ".jsonl.gz", ".json", ".json.gz", ".parquet"]

  /// Replaces each folder by its data files, sorted by name (by code points); other paths, and the order of the
  /// paths, stay. Hidden files and folders within the folder are not looked at.
  package static func files(at paths: [String]) throws(DatasetError) -> [String] {
    var files: [String] = []
    for path in paths {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        throw .file(path: path, problem: "no such file or folder")
      }
      if isFolder.boolValue { files += try filesInFolder(path) } else { files.append(path) }
    }
    return files
  }

  /// The bytes of the files behind some paths, as they lie on the disk.
  /// - Throws: `DatasetError.file` where a path leads to no file, such as a pipe, and so could not be read twice.
  package static func size(ofFilesAt paths: [String]) throws(DatasetError) -> Int {
    var size = 0
    for file in try files(at: paths) {
      var status = stat()
      guard stat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        throw .file(path: file, problem: "is read twice, and so must be a file; save it as one first")
      }
      size += Int(status.st_size)
    }
    return size
  }

  private static func filesInFolder(_ folder: String) throws(DatasetError) -> [String] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder)
    } catch {
      throw .file(path: folder, problem: "the folder cannot be listed")
    }
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    let files =
      names.filter { name in !name.hasPrefix(".") && endings.contains { name.hasSuffix($0) } }
      .sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
      .map { prefix + $0 }
      .filter { file in
        var isFolder: ObjCBool = false
        return !FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) || !isFolder.boolValue
      }
    guard !files.isEmpty else {
      throw .file(path: folder, problem: "no data files in the folder (\(endings.joined(separator: ", ")))")
    }
    return files
  }
}
