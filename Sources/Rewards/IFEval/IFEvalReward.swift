import JSON

/// How many of its prompt's verifiable instructions an answer follows, as in IFEval (Zhou et al. 2023, arXiv 2311.07911).
///
/// A record names them as IFEval's data do, in `instruction_id_list` and `kwargs`, or as Tülu's do, in `ground_truth`: an object, or a
/// JSON text of one, with `instruction_id` and `kwargs`. Records without either are not this reward's.
public struct IFEvalReward: AnswerReward {
  /// How strictly answers are read.
  public enum Reading: Sendable {
    /// As they are.
    case strict
    /// Also without the first line, the last line, and stars: an instruction is followed where one of the eight texts follows it.
    case loose
  }

  /// What several instructions are worth together.
  public enum Measure: Sendable {
    /// 1 where all are followed, and 0 otherwise.
    case all
    /// The share of those that are followed.
    case share
  }

  /// The name in metrics.
  public let name = "ifeval"
  private let reading: Reading
  private let measure: Measure

  /// The reward.
  public init(_ reading: Reading = .strict, measure: Measure = .share) {
    (self.reading, self.measure) = (reading, measure)
  }

  /// What an answer is worth.
  public func reward(for answer: RewardedAnswer) throws(RewardError) -> Double? {
    guard let instructions = try Self.instructions(in: answer.columns) else { return nil }
    let verdicts = try Self.verdicts(on: answer.text, instructions, reading)
    let followed = verdicts.count { $0 }
    switch measure {
    case .all: return followed == verdicts.count ? 1 : 0
    case .share: return Double(followed) / Double(verdicts.count)
    }
  }

  /// Whether a response follows each of some instructions.
  /// - Throws: `RewardError` for a keyword that is no regular expression, or takes too long.
  public static func verdicts(
    on response: String, _ instructions: [IFEvalInstruction], _ reading: Reading
  ) throws(RewardError) -> [Bool] {
    let responses = reading == .strict ? [response] : variants(of: response)
    var verdicts: [Bool] = []
    for instruction in instructions {
      var isFollowed = false
      for response in responses where !isFollowed { isFollowed = try instruction.isFollowed(by: response) }
      verdicts.append(isFollowed)
    }
    return verdicts
  }

  /// The instructions of a record; nil where it names none.
  /// - Throws: `RewardError` for what is not as IFEval or Tülu write it.
  public static func instructions(in columns: JSON) throws(RewardError) -> [IFEvalInstruction]? {
    var record = columns
    if columns["instruction_id_list"] == nil {
      guard var truth = columns["ground_truth"] else { return nil }
      if let text = truth.string {
        guard let parsed = try? JSON(parsing: text) else { return nil }
        truth = parsed
      }
      record = truth.array?.first ?? truth
      guard record["instruction_id"] != nil else { return nil }
    }
    guard let ids = (record["instruction_id_list"] ?? record["instruction_id"])?.array?.compactMap(\.string),
      !ids.isEmpty,
      let arguments = record["kwargs"]?.array, arguments.count == ids.count
    else { throw RewardError("the record's instructions and 'kwargs' are not two lists of the same length") }
    var instructions: [IFEvalInstruction] = []
    for (id, arguments) in zip(ids, arguments) { instructions.append(try IFEvalInstruction(id, arguments)) }
    return instructions
  }

  private static func variants(of response: String) -> [String] {
    let lines = PythonText.split(response, by: "\n")
    let shorter = [lines.dropFirst(), lines.dropLast(), lines.dropFirst().dropLast()].map {
      PythonText.strip($0.joined(separator: "\n"))
    }
    return [response, PythonText.replace(response, "*")] + shorter + shorter.map { PythonText.replace($0, "*") }
  }
}
