import Foundation

extension AdapterFolder {
  /// The folder of the base that the adapter names: as a path, as a path from the adapter, or as whoever locates models finds it.
  /// - Throws: `ModelFileError` where it is not there.
  func findBase(locating find: (String) throws -> URL) throws -> URL {
    let remedy = "name the base as the model, and this folder as its adapter"
    guard let name = config.base else {
      throw ModelFileError(url.path, "is a LoRA adapter that does not say of which base; \(remedy)")
    }
    let places = [URL(filePath: name), url.appending(path: name)]
    if let place = places.first(where: { FileManager.default.fileExists(atPath: $0.path) }) {
      guard let revision = config.revision else { return place }
      throw ModelFileError(
        url.path,
        "is a LoRA adapter of revision \(quoted(revision)) of \(quoted(name)), and whether the folder here is that cannot be seen; \(remedy)"
      )
    }
    let revised = config.revision.map { " at revision \(quoted($0))" } ?? ""
    do {
      let place = try find(config.revision.map { "\(name)@\($0)" } ?? name)
      if FileManager.default.fileExists(atPath: place.path) { return place }
    } catch {
      throw ModelFileError(
        url.path, "is a LoRA adapter of \(quoted(name))\(revised), which was not found (\(error)); \(remedy)")
    }
    throw ModelFileError(url.path, "is a LoRA adapter of \(quoted(name))\(revised), which is not here; \(remedy)")
  }
}

extension ModelFolder {
  /// Where the tokenizer of a model or adapter lies: an adapter may have its own, or else has its base's.
  public static func tokenizerFolder(
    _ url: URL, adapter: URL? = nil, locating base: (String) throws -> URL = { URL(filePath: $0) }
  ) throws -> URL {
    let owner = adapter ?? url
    guard isAdapter(owner), !holdsTokenizer(owner) else { return owner }
    return try adapter == nil ? AdapterFolder(url).findBase(locating: base) : url
  }

  private static func holdsTokenizer(_ url: URL) -> Bool {
    ["tokenizer.json", "tokenizer.model", "tekken.json", "qwen.tiktoken", "vocab.json"].contains {
      FileManager.default.fileExists(atPath: url.appending(path: $0).path)
    }
  }
}
