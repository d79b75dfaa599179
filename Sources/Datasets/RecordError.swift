import Text

/// A record that cannot be used: where it stands and what is wrong with it.
public struct RecordError: Error, CustomStringConvertible, Sendable, Hashable {
  /// Where the record stands.
  public let location: RecordLocation
  /// The field at fault, as in `chosen[2].content`; nil where it is the record as a whole.
  public let field: String?
  /// What was expected and what stood there.
  public let problem: String
  /// What differs from one such record to the next, as the column of a mistake in the JSON.
  public let detail: String?

  package init(_ location: RecordLocation, field: String? = nil, _ problem: String, detail: String? = nil) {
    self.location = location
    self.field = field
    self.problem = problem
    self.detail = detail
  }

  /// One line, as `pairs.jsonl:17: 'chosen' must be a list of messages or a string, found a number`.
  public var description: String {
    let subject = field.map { "'\($0)' " } ?? ""
    return "\(location): \(subject)\(problem)" + (detail.map { ": \($0)" } ?? "")
  }

  /// The problem without position and detail, the same for all records that have it.
  public var reason: String {
    guard let field else { return problem }
    return "'\(field.filter { !$0.isASCII || !$0.isNumber })' \(problem)"
  }
}

extension RecordError {
  /// A record that the chat template refuses.
  package init(_ location: RecordLocation, _ refusal: TemplateError) { self.init(location, "\(refusal)") }
}
