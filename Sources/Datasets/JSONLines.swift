import Foundation
import JSON
import Text

/// Writes JSON Lines.
public enum JSONLines {
  /// Writes a file of one value a line, whole or not at all.
  /// - Throws: `DatasetError.file`.
  public static func write(_ values: some Sequence<JSON>, to path: String) throws(DatasetError) {
    var text = ""
    for value in values { text += value.text + "\n" }
    do {
      try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw .file(path: path, problem: "cannot be written: \(error.localizedDescription)")
    }
  }
}

extension Conversation {
  /// The conversation as it is read: `messages`.
  public var json: JSON { ["messages": messages.json] }
}

extension PreferencePair {
  /// The pair as it is read: `prompt`, `chosen` and `rejected`, each a list of messages.
  public var json: JSON { ["prompt": prompt.json, "chosen": chosen.json, "rejected": rejected.json] }
}

extension [Message] {
  var json: JSON {
    .array(map { ["role": .string($0.role), "content": .string($0.content)] })
  }
}
