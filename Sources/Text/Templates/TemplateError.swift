/// A chat template that cannot be read or rendered: which, where and why.
public struct TemplateError: Error, CustomStringConvertible, Sendable, Equatable {
  /// The name or file of the template.
  public let template: String
  /// The line in the template, from 1; nil where the error is not about a line.
  public let line: Int?
  /// What is wrong. The message of `raise_exception` where the template itself refuses.
  public let reason: String

  /// The template, the line and the reason, on one line.
  public var description: String {
    let place = line.map { "chat template \(template), line \($0)" } ?? "chat template \(template)"
    return "\(place): \(reason)".split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
