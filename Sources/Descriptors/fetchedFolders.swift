import Foundation

/// Where `make` may have put what it fetches, such as `.libtorch`: in a folder of that name in each folder above the
/// program, then in the package that it was built from.
public func fetchedFolders(_ name: String) -> [URL] {
  var folders: [URL] = []
  var folder = URL(filePath: CommandLine.arguments.first ?? "").resolvingSymlinksInPath()
  if let executable = Bundle.main.executableURL { folder = executable.resolvingSymlinksInPath() }
  while folder.path != "/" && folders.count < 12 {
    folder.deleteLastPathComponent()
    folders.append(folder.appending(path: name))
  }
  let package = URL(filePath: #filePath).appending(path: "../../..").standardized
  return folders + [package.appending(path: name)]
}
