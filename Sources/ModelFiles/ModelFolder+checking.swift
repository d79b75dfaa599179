import Foundation
import JSON

extension ModelFolder {
  /// Refuses what is no folder of a whole model, and names it for what it is.
  static func requireModel(_ url: URL) throws {
    let path = url.path
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw ModelFileError(path, "there is no such folder")
    }
    guard isFolder.boolValue else {
      guard isGGUF(path) else { throw ModelFileError(path, "is a file; name the folder that holds config.json") }
      throw ModelFileError(path, "is a GGUF file; name the Hugging Face folder that it was made from")
    }
    let names = Set((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [])
    try refuseAdapter(url)
    guard !names.contains("config.json") else { return }
    if let name = names.filter({ $0.hasSuffix(".gguf") }).min() {
      throw ModelFileError(
        path,
        "holds a GGUF file (\(oneLine(name, limit: 120))) and no config.json; name the file itself"
      )
    }
    throw ModelFileError(path, "holds no config.json; it is not a model folder")
  }

  private static func isGGUF(_ path: String) -> Bool {
    guard let file = try? MappedFile(path) else { return false }
    return withExtendedLifetime(file) { file.bytes.starts(with: Array("GGUF".utf8)) }
  }

  /// Whether a folder holds an adapter and no weights of a whole model.
  static func isAdapter(_ url: URL) -> Bool {
    AdapterFolder.isOne(url) && !holdsWeights(url)
  }

  private static func holdsWeights(_ url: URL) -> Bool {
    let weights = ["model.safetensors", "pytorch_model.bin"]
    return (weights + weights.map { $0 + ".index.json" }).contains {
      FileManager.default.fileExists(atPath: url.appending(path: $0).path)
    }
  }

  /// Whether weights beside an adapter have it merged in cannot be seen.
  private static func refuseAdapter(_ url: URL) throws {
    guard AdapterFolder.isOne(url) else { return }
    guard holdsWeights(url) else {
      throw ModelFileError(url.path, "is an adapter itself; name the model that it belongs to, or its adapter")
    }
    throw ModelFileError(
      url.path, "holds an adapter beside full weights, so it is unclear which of them is meant; move one of them away")
  }
}
