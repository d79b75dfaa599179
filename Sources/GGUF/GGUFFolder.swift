import Foundation
import Hashing
import JSON
import ModelFiles

/// A GGUF file as a model's folder: configuration, tokenizer and chat template in Hugging Face's words, and a link to the file,
/// whose numbers are read where they are.
///
///     let folder = try ModelFolder(GGUFFolder.opening(URL(filePath: "assistant.Q4_K_M.gguf")))
public enum GGUFFolder {
  /// The folder of a file, which is kept between runs and made again where the file has changed.
  /// - Throws: `ModelFileError` for a file that is broken, or whose model is none of those that are read.
  public static func opening(_ file: URL) throws -> URL {
    let values = try? file.resourceValues(forKeys: [.contentModificationDateKey, .fileSizeKey])
    let state = "\(file.path)\n\(values?.fileSize ?? 0)\n\(values?.contentModificationDate?.timeIntervalSince1970 ?? 0)"
    let name = Digest.sha256(state.utf8).hexadecimal.prefix(16)
    let folder = CacheFolder.named("gguf").appending(path: String(name))
    // The link is written last, so that what has it is whole.
    guard !FileManager.default.fileExists(atPath: folder.appending(path: "model.gguf").path) else { return folder }
    try write(GGUFContents(path: file.path), to: folder)
    return folder
  }

  /// Writes the folder.
  static func write(_ contents: GGUFContents, to folder: URL) throws {
    let files = FileManager.default
    try files.createDirectory(at: folder, withIntermediateDirectories: true)
    func write(_ json: JSON, _ name: String) throws {
      try AtomicFile.write(Array(json.text.utf8), to: folder.appending(path: name).path)
    }
    let config = try contents.configuration()
    try write(config, "config.json")
    let tokenizer = try GGUFTokenizer(contents)
    for (name, bytes) in tokenizer.files { try AtomicFile.write(bytes, to: folder.appending(path: name).path) }
    try write(tokenizer.generation, "generation_config.json")
    let link = folder.appending(path: "model.gguf")
    try? files.removeItem(at: link)
    try files.createSymbolicLink(at: link, withDestinationURL: URL(filePath: contents.path).absoluteURL)
  }
}
