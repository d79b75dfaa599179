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
    try refuseAdapter(url, names)
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

  /// An adapter is a difference from a model; whether weights beside it have it merged in cannot be seen.
  private static func refuseAdapter(_ url: URL, _ names: Set<String>) throws {
    guard names.contains("adapter_config.json") || names.contains(where: { $0.hasPrefix("adapter_model.") }) else {
      return
    }
    let config = try? JSONFile(url.appendingPathComponent("adapter_config.json").path)
    let kind = config?.value("peft_type")?.string == "LORA" ? "a LoRA adapter" : "an adapter"
    let base = config?.value("base_model_name_or_path")?.string.map { " of \(quoted($0))" } ?? ""
    let merging = "merge it into its base, as PEFT's merge_and_unload does"
    let weights = ["model.safetensors", "pytorch_model.bin"]
    guard names.isDisjoint(with: weights + weights.map { $0 + ".index.json" }) else {
      throw ModelFileError(
        url.path,
        "holds \(kind)\(base) beside full weights, so it is unclear which of them is meant; \(merging), or move the adapter_* files away"
      )
    }
    throw ModelFileError(url.path, "is \(kind)\(base), not a model; \(merging), and name the merged folder")
  }
}
