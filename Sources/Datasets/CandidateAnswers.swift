import JSON
import Text

/// A prompt with one or more answers that nobody has compared yet.
///
/// Read from `prompt`, as `PromptRecord` reads it, with a list of texts `answers`, or with one text, `completion`, as
/// `caravan generate` writes it with its `finish_reason`.
public struct CandidateAnswers: DatasetRecord {
  /// The conversation that is answered, with the other columns of its record.
  public let prompt: PromptRecord
  /// The answers' texts, at least one.
  public let answers: [String]
  /// Whether the answers ended, rather than being cut at their most tokens.
  public let haveEnded: Bool

  /// Reads a record.
  /// - Throws: `RecordError` for a field that is missing or of another kind, and an empty list.
  public init(json: JSON, location: RecordLocation) throws(RecordError) {
    let fields = try RecordFields(json, location: location, expected: "'prompt' and 'answers' or 'completion'")
    prompt = try PromptRecord(json: json, location: location)
    if fields.has("answers") {
      guard let texts = json["answers"]?.array?.map(\.string), !texts.isEmpty, !texts.contains(where: { $0 == nil })
      else {
        throw RecordError(location, field: "answers", "is not a list of one text or more")
      }
      answers = texts.compactMap(\.self)
    } else {
      guard fields.has("completion") else {
        throw RecordError(location, "expected 'prompt' and 'answers' or 'completion', found \(fields.columns)")
      }
      guard let text = json["completion"]?.string else {
        throw RecordError(location, field: "completion", "is not a text")
      }
      answers = [text]
    }
    haveEnded = json["finish_reason"]?.string != "length"
  }
}
