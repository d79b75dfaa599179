import Foundation
import JSON

/// The files of a model folder that belong to its tokenizer and its licence, and stay as they are in training.
package enum CarriedFiles {
  private static let exact: Set<String> = [
    "tokenizer.json", "tokenizer.model", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    "vocab.json", "merges.txt", "vocab.txt", "tokenizer.model.v3", "tekken.json", "qwen.tiktoken",
    "chat_template.jinja",
    "chat_template.json",
  ]
  private static let prefixes = ["LICENSE", "LICENCE", "NOTICE", "COPYING", "USE_POLICY"]

  /// Whether a file of that name is one of them.
  package static func isCarried(_ name: String) -> Bool {
    exact.contains(name) || prefixes.contains { name.uppercased().hasPrefix($0) }
  }

  /// The names of such files in `folder`, sorted.
  /// - Throws: `ModelFileError`, also where one is a link to a file elsewhere: what a stranger's folder points to, a key perhaps,
  ///   is not to be published with the model.
  static func names(in folder: URL) throws -> [String] {
    guard let all = try? FileManager.default.contentsOfDirectory(atPath: folder.path) else {
      throw ModelFileError(folder.path, "the folder cannot be read")
    }
    let names = all.filter(isCarried).sorted()
    let homes = Self.homes(of: folder)
    for path in names.map({ folder.appendingPathComponent($0).path }) {
      // A link to nothing is told of where the file is read.
      guard let place = realPath(path) else { continue }
      guard isWithin(homes, place) else {
        throw ModelFileError(
          path,
          "is a link to \(quoted(place)), which would be copied into the output; put the file there, or remove the link"
        )
      }
    }
    return names
  }

  /// Whether a file, all links resolved, lies in one of some folders.
  package static func isWithin(_ homes: [String], _ place: String) -> Bool {
    homes.contains { place.hasPrefix(Path.join($0, "")) }
  }

  /// Where the files of a folder may lie: in it or, in a snapshot of the hub's cache, among the repository's blobs.
  package static func homes(of folder: URL) -> [String] {
    guard let real = realPath(folder.path) else { return [] }
    let snapshots = Path.folder(of: real)
    guard Path.name(of: snapshots) == "snapshots" else { return [real] }
    return [real, Path.join(Path.folder(of: snapshots), "blobs")]
  }

  /// A path with all links resolved; nil where there is nothing.
  package static func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }
}
