import DataLayout
import Foundation

/// The files behind the names that a user gives: a file, a folder, or `FOLDER:SPLIT` and `FOLDER/CONFIGURATION:SPLIT`.
package enum DataFiles {
  /// Files, and what a person should know about how they were found.
  package struct Found {
    package var paths: [String] = []
    package var remarks: [String] = []
  }

  /// Replaces each folder by the files of its only split, as `DataLayout` has them, and each split of a folder by its
  /// files; other paths, and the order of the names, stay. A path that exists always wins.
  /// - Parameter everySplit: a folder stands for all its files of records, whatever their splits.
  /// - Throws: `DatasetError.file` for what is not there, and for a folder of several splits.
  package static func find(_ names: [String], everySplit: Bool = false) throws(DatasetError) -> Found {
    var found = Found()
    for name in names {
      guard let folder = try SplitName(name) else {
        found.paths.append(name)
        continue
      }
      let paths = try FolderListing(folder.path).paths
      do throws(LayoutError) {
        let layout = DataLayout(paths: paths, card: try folder.card(), title: folder.title)
        let selection: DataLayout.Selection
        if let split = folder.split {
          selection = try layout.split(split, configuration: folder.configuration)
        } else {
          selection = everySplit ? try layout.everyFile() : try layout.onlySplit()
        }
        found.paths += selection.files.map { folder.prefix + $0 }
        found.remarks += selection.remarks
      } catch {
        throw .file(path: folder.title, problem: error.problem)
      }
    }
    return found
  }

  /// Whether a name is one of this computer: a path that is there, or a split of a folder that is.
  package static func isLocal(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: name) || (try? SplitName(name)) ?? nil != nil
  }

  /// The files behind names.
  package static func files(at names: [String], everySplit: Bool = false) throws(DatasetError) -> [String] {
    try find(names, everySplit: everySplit).paths
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
}
