import Descriptors
import Foundation

/// The files of the Python package langdetect 1.0.9, which are no part of this repository: `make langdetect` fetches them.
struct LangdetectPackage {
  /// The environment variable that names a folder with langdetect; it is looked at first.
  static let variable = "CARAVAN_LANGDETECT"

  private let folder: URL

  /// Looks in the folder that `CARAVAN_LANGDETECT` names, and without one in the `.langdetect` folders beside the program
  /// and the package; nil where there is none.
  /// - Throws: `RewardError` for a named folder without langdetect.
  init?(_ environment: [String: String] = ProcessInfo.processInfo.environment) throws(RewardError) {
    if let named = environment[Self.variable], !named.isEmpty {
      guard let folder = Self.package(in: URL(filePath: named)) else {
        throw RewardError(
          "\(Self.variable) is \(named), but there are no profiles of langdetect in it; unset it or correct it")
      }
      self.folder = folder
      return
    }
    guard let folder = fetchedFolders(".langdetect").lazy.compactMap(Self.package(in:)).first else { return nil }
    self.folder = folder
  }

  /// The package where pip put it (`langdetect`), or the folder itself.
  private static func package(in folder: URL) -> URL? {
    [folder.appending(path: "langdetect"), folder].first {
      FileManager.default.fileExists(atPath: $0.appending(path: "profiles").path)
    }
  }

  /// The profiles, in the order of their names.
  func profiles() throws(RewardError) -> [URL] {
    let folder = folder.appending(path: "profiles")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let shown = names.filter { !$0.hasPrefix(".") }.sorted()
    guard shown.count == 55 else {
      throw RewardError("\(folder.path) has \(shown.count) of langdetect's 55 profiles; fetch langdetect 1.0.9 again")
    }
    return shown.map { folder.appending(path: $0) }
  }

  /// The tables of characters.
  var tables: URL { folder.appending(path: "utils/messages.properties") }

  /// The bytes of one of the files.
  static func bytes(of file: URL) throws(RewardError) -> [UInt8] {
    let path = file.resolvingSymlinksInPath().path
    // What is no file may have no end. The largest of langdetect's has 300 KB.
    let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
    let most = 4 << 20
    guard type == .typeRegular, let handle = FileHandle(forReadingAtPath: path),
      let data = try? handle.read(upToCount: most), data.count < most
    else { throw damaged(file, "it is missing, empty, or no file of this kind") }
    return Array(data)
  }

  /// The error of a file that is not langdetect's.
  static func damaged(_ file: URL, _ reason: String) -> RewardError {
    RewardError("\(file.path) is not langdetect's: \(reason); fetch langdetect 1.0.9 again")
  }
}
