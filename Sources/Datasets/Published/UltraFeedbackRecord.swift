import JSON

/// A prompt with several models' answers, their scores and ratings, in UltraFeedback's raw schema.
///
/// Read are `source`, `instruction`, and of each of the `completions` its `model`, `response`, `overall_score`,
/// `fine-grained_score` and the `Rating`s of its `annotations`.
public struct UltraFeedbackRecord: DatasetRecord, Hashable {
  /// One model's answer.
  public struct Completion: Sendable, Hashable {
    /// The model's name.
    public let model: String
    /// What it answered.
    public let response: String
    /// How good that is, from 1 to 10; nil where the file does not say.
    public let overallScore: Double?
    /// The mean of the ratings as the file has it.
    let fineGrainedScore: Double?
    /// What was rated.
    let ratings: UltraFeedbackRatings

    /// A scored answer.
    public init(model: String, response: String, overallScore: Double?) {
      self.init(model: model, response: response, overallScore: overallScore, fineGrainedScore: nil, ratings: .init())
    }

    init(
      model: String, response: String, overallScore: Double?, fineGrainedScore: Double?, ratings: UltraFeedbackRatings
    ) {
      self.model = model
      self.response = response
      self.overallScore = overallScore
      self.fineGrainedScore = fineGrainedScore
      self.ratings = ratings
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

  /// Reads `source`, `instruction` and `completions`.
  /// - Throws: `RecordError` for a field that is missing or of another kind.
  public init(json: JSON, location: RecordLocation) throws(RecordError) {
    let fields = try RecordFields(json, location: location, expected: "'instruction' and 'completions'")
    source = try fields.string(json["source"], "source")
    instruction = try fields.string(json["instruction"], "instruction")
    var completions: [Completion] = []
    for (index, element) in try fields.objects(json["completions"], "completions").enumerated() {
      completions.append(try Completion(element, "completions[\(index)]", fields))
    }
    self.completions = completions
    self.location = location
  }
}

extension UltraFeedbackRecord.Completion {
  fileprivate init(_ json: JSON, _ name: String, _ fields: RecordFields) throws(RecordError) {
    func score(_ field: String) throws(RecordError) -> Double? {
      guard let value = json[field], value != .null else { return nil }
      return try fields.number(value, "\(name).\(field)")
    }
    let overallScore = try score("overall_score")
    self.init(
      model: try fields.string(json["model"], "\(name).model"),
      response: try fields.string(json["response"], "\(name).response"), overallScore: overallScore,
      fineGrainedScore: try score("fine-grained_score"),
      ratings: try UltraFeedbackRatings(json["annotations"], "\(name).annotations", fields))
  }
}
