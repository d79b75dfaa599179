import Datasets
import JSON
import Text

/// A prompt that models are evaluated with, as benchmarks publish them.
///
/// Read from the first of these columns that is there: `prompt`, `question`, `instruction`, `problem`, `query`, `input`,
/// `text` (upper and lower case alike), or `messages`, of which the user's count.
package struct EvaluationPrompt: DatasetRecord {
  /// The prompt's text.
  package let text: String

  private static let columns = ["prompt", "question", "instruction", "problem", "query", "input", "text", "messages"]

  /// - Throws: `RecordError` where there is none of the columns, or it holds no text.
  package init(json: JSON, location: RecordLocation) throws(RecordError) {
    let expected = Self.columns.map { "'\($0)'" }.joined(separator: ", ")
    guard let members = json.object else {
      throw RecordError(location, "expected an object with one of \(expected), found \(json.kind)")
    }
    for column in Self.columns {
      guard let value = members.first(where: { $0.key.lowercased() == column && $0.value != .null })?.value else {
        continue
      }
      if let text = value.string {
        self.text = text
        return
      }
      let said = value.array?.filter { $0["role"]?.string == "user" }.compactMap { $0["content"]?.string } ?? []
      guard !said.isEmpty else {
        throw RecordError(location, field: column, "must be a string or a list of messages, found \(value.kind)")
      }
      text = said.joined(separator: "\n")
      return
    }
    throw RecordError(location, "expected one of \(expected)")
  }
}
