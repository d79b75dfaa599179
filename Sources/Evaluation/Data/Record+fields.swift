import JSON

extension JSON {
  /// A field that holds a text.
  /// - Throws: `EvaluationError` where it does not.
  func text(_ field: String, of task: String) throws(EvaluationError) -> String {
    guard let text = self[field]?.string else { throw missing(field, "a text", task) }
    return text
  }

  /// A field that holds a list of texts.
  /// - Throws: `EvaluationError` where it does not.
  func texts(_ field: String, of task: String) throws(EvaluationError) -> [String] {
    guard let values = self[field]?.array else { throw missing(field, "a list of texts", task) }
    let texts = values.compactMap(\.string)
    guard texts.count == values.count else { throw missing(field, "a list of texts", task) }
    return texts
  }

  /// A field that holds a whole number, or the text of one.
  /// - Throws: `EvaluationError` where it does not.
  func number(_ field: String, of task: String) throws(EvaluationError) -> Int {
    guard let number = self[field]?.int ?? self[field]?.string.flatMap({ Int($0) }) else {
      throw missing(field, "a whole number", task)
    }
    return number
  }

  private func missing(_ field: String, _ kind: String, _ task: String) -> EvaluationError {
    let found = self[field].map { "it is \($0.kind)" } ?? "it has " + (object?.keys.joined(separator: ", ") ?? kind)
    return EvaluationError("\(task): a record's '\(field)' should be \(kind), but \(found); are these the task's data?")
  }
}
