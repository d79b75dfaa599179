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
  /// The conversation as it is read: `messages`, its `weight` where that is not 1, and what the template is given besides.
  public var json: JSON {
    var columns: TextKeyed<JSON> = ["messages": messages.json]
    if weight != 1 { columns["weight"] = .number(weight) }
    return context.record(columns)
  }
}

extension PreferencePair {
  /// The pair as it is read: `prompt`, `chosen` and `rejected`, each a list of messages, and what the template is given
  /// besides.
  public var json: JSON {
    context.record(["prompt": prompt.json, "chosen": chosen.json, "rejected": rejected.json])
  }
}

extension [Message] {
  var json: JSON { .array(map(\.json)) }
}

extension ChatContext {
  /// A record of these columns, and those that say what the template is given besides.
  func record(_ columns: TextKeyed<JSON>) -> JSON {
    var columns = columns
    if !tools.isEmpty { columns["tools"] = .array(tools) }
    if !documents.isEmpty { columns["documents"] = .array(documents) }
    if !variables.isEmpty { columns["chat_template_kwargs"] = .object(variables) }
    return .object(columns)
  }
}
