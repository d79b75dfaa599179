import JSON

/// A prompt with several models' answers and their scores, in UltraFeedback's raw schema.
///
/// Of the schema only what preferences by overall score need is read: `source`, `instruction`, and of each of the
/// `completions` its `model`, `response` and `overall_score`.
public struct UltraFeedbackRecord: DatasetRecord, Hashable {
  /// One model's answer.
  public struct Completion: Sendable, Hashable {
    /// The model's name.
    public let model: String
    /// What it answered.
    public let response: String
    /// How good that is, from 1 to 10.
    public let overallScore: Double

    /// A scored answer.
    public init(model: String, response: String, overallScore: Double) {
      self.model = model
      self.response = response
      self.overallScore = overallScore
    }

    /// Whether score and texts are the same to the byte.
    func isIdentical(to other: Completion) -> Bool {
      overallScore == other.overallScore && response.isIdenticalText(to: other.response)
        && model.isIdenticalText(to: other.model)
    }
  }

  /// The data set that the prompt comes from.
  public let source: String
  /// The prompt.
  public let instruction: String
  /// The answers, in the order of the file.
  public let completions: [Completion]
  /// Where the record stands.
  public let location: RecordLocation

  /// A prompt with its answers.
  public init(source: String, instruction: String, completions: [Completion], location: RecordLocation) {
    self.source = source
    self.instruction = instruction
    self.completions = completions
    self.location = location
  }

  /// `source`, `instruction`, and of the completions what is named above.
  public static var fields: [[String]]? {
    [["source"], ["instruction"]] + ["model", "response", "overall_score"].map { ["completions", $0] }
  }

  /// Reads `source`, `instruction` and `completions`.
  /// - Throws: `RecordError` for a field that is missing or of another kind.
  public init(json: JSON, location: RecordLocation) throws(RecordError) {
    let fields = try RecordFields(json, location: location, expected: "'instruction' and 'completions'")
    source = try fields.string(json["source"], "source")
    instruction = try fields.string(json["instruction"], "instruction")
    guard let elements = json["completions"]?.array else {
      throw fields.mismatch("completions", "a list of objects", json["completions"])
    }
    var completions: [Completion] = []
    for (index, element) in elements.enumerated() {
      let name = "completions[\(index)]"
      guard element.object != nil else { throw fields.mismatch(name, "an object", element) }
      guard let score = element["overall_score"]?.double, score.isFinite else {
        throw fields.mismatch("\(name).overall_score", "a finite number", element["overall_score"])
      }
      completions.append(
        Completion(
          model: try fields.string(element["model"], "\(name).model"),
          response: try fields.string(element["response"], "\(name).response"), overallScore: score))
    }
    self.completions = completions
    self.location = location
  }
}
