import Descriptors
import Foundation

/// Where libtorch lies on this machine.
struct LibtorchLocation {
  /// The environment variable that names a folder with libtorch; it is looked at first.
  static let variable = "CARAVAN_LIBTORCH"

  #if os(macOS)
    private static let library = "libtorch_cpu.dylib"
  #else
    private static let library = "libtorch_cpu.so"
  #endif

  /// The path of the CPU library.
  let path: String

  /// Looks in the folder that `CARAVAN_LIBTORCH` names, in the `.libtorch` folder beside the program or the package, and
  /// in the `torch` of the active Python, in this order.
  /// - Throws: `TorchError`, which says how to get libtorch.
  init() throws {
    if let named = ProcessInfo.processInfo.environment[Self.variable], !named.isEmpty {
      guard let path = Self.library(under: URL(filePath: named)) else {
        throw TorchError("\(Self.variable) is \(named), but there is no \(Self.library) in it; unset it or correct it")
      }
      self.path = path
      return
    }
    guard let path = fetchedFolders(".libtorch").lazy.compactMap(Self.library(under:)).first ?? Self.activePython()
    else {
      throw TorchError(
        "libtorch was not found; run 'make libtorch' in Caravan's folder, or set \(Self.variable) to a folder with it")
    }
    self.path = path
  }

  /// The library in an unpacked wheel (`torch/lib`), in an unpacked libtorch (`lib`), or right in the folder.
  private static func library(under folder: URL) -> String? {
    ["torch/lib", "lib", "."].lazy
      .map { folder.appending(path: $0).appending(path: library).standardized.path }
      .first(where: FileManager.default.fileExists(atPath:))
  }

  /// The library of the `torch` that `python3` would import.
  private static func activePython() -> String? {
    let python = Process()
    python.executableURL = URL(filePath: "/usr/bin/env")
    python.arguments = [
      "python3", "-c",
      "import importlib.util as u; s = u.find_spec('torch'); print(s.submodule_search_locations[0] if s else '')",
    ]
    let output = Pipe()
    python.standardOutput = output
    python.standardError = FileHandle.nullDevice
    guard (try? python.run()) != nil else { return nil }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    python.waitUntilExit()
    let folder = text.trimmingCharacters(in: .whitespacesAndNewlines)
    return folder.isEmpty ? nil : library(under: URL(filePath: folder))
  }
}
