import DataLayout
import Foundation
import JSON

/// Questions that are to be left out of data.
package enum QuestionFile {
  /// The questions of a file, stripped: those of its records, or else its lines.
  /// - Throws: `DatasetError` where the file cannot be read, a record has no `question`, or there is no question.
  package static func questions(_ path: String) throws(DatasetError) -> Set<TextKey> {
    var questions: Set<TextKey> = []
    if DataFormat(path) != nil {
      let reader = try DatasetReader<Question>([path])
      while let question = try reader.next() { questions.insert(TextKey(question.text.stripped)) }
    } else {
      guard let bytes = FileManager.default.contents(atPath: path) else {
        throw .file(path: path, problem: "cannot be read")
      }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw .file(path: path, problem: "is not valid UTF-8")
      }
      for line in text.split(whereSeparator: \.isNewline) { questions.insert(TextKey(String(line).stripped)) }
    }
    questions.remove("")
    guard !questions.isEmpty else { throw .file(path: path, problem: "holds no question") }
    return questions
  }

  private struct Question: DatasetRecord {
    let text: String
    let location: RecordLocation

    init(json: JSON, location: RecordLocation) throws(RecordError) {
      text = try RecordFields(json, location: location, expected: "'question'").string(json["question"], "question")
      self.location = location
    }
  }
}
