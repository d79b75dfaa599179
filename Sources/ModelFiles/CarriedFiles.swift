import Foundation
import JSON

/// The files of a model folder that belong to its tokenizer and its licence, and stay as they are in training.
package enum CarriedFiles {
  private static let exact: Set<String> = [
    "tokenizer.json", "tokenizer.model", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    "vocab.json", "merges.txt", "vocab.txt", "tokenizer.model.v3", "tekken.json", "chat_template.jinja",
    "chat_template.json",
  ]
  private static let prefixes = ["LICENSE", "LICENCE", "NOTICE", "COPYING", "USE_POLICY"]

  /// Whether a file of that name is one of them.
  package static func isCarried(_ name: String) -> Bool {
    exact.contains(name) || prefixes.contains { name.uppercased().hasPrefix($0) }
  }

  /// The names of such files in `folder`, sorted.
  static func names(in folder: URL) throws -> [String] {
    do {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      return names.filter(isCarried).sorted()
    } catch {
      throw ModelFileError(folder.path, "the folder cannot be read")
    }
  }
}
