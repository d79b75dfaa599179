import JSON

/// How many of its prompt's verifiable instructions an answer follows, as in IFEval (Zhou et al. 2023, arXiv
/// 2311.07911).
///
/// A record names them as IFEval's data do, in `instruction_id_list` and `kwargs`, or as Tülu's do, in `ground_truth`:
/// an object, or a JSON text of one, with `instruction_id` and `kwargs`, or with `func_name` and that function's
/// arguments. With Tülu's only what follows `</think>` counts, without `<answer>` tags, as for open-instruct's verifiers.
/// Records without either, and those whose column `dataset` is `gsm8k` or `math`, are not this reward's.
public struct IFEvalReward: AnswerReward {
  /// How strictly answers are read.
  public enum Reading: Sendable {
    /// As they are.
    case strict
    /// Also without the first line, the last line, and stars: an instruction is followed where one of the eight texts
    /// follows it.
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
    if answer.isFor(anotherThan: name) { return nil }
    guard let (record, isTulu) = Self.instructionRecord(in: answer.columns) else { return nil }
    let text = isTulu ? Self.withoutThinking(answer.text) : answer.text
    if text.isEmpty { return 0 }
    if let constraint = TuluConstraint(record) { return try constraint.isMet(by: text) ? 1 : 0 }
    let verdicts = try Self.verdicts(on: text, Self.instructions(of: record), reading)
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

  /// The instructions of a record of IFEval's data, or of the object that is Tülu's `ground_truth`.
  /// - Throws: `RewardError` for what is not as IFEval or Tülu write it.
  public static func instructions(of record: JSON) throws(RewardError) -> [IFEvalInstruction] {
    guard let ids = (record["instruction_id_list"] ?? record["instruction_id"])?.array?.compactMap(\.string),
      !ids.isEmpty,
      let arguments = record["kwargs"]?.array, arguments.count == ids.count
    else { throw RewardError("the record's instructions and 'kwargs' are not two lists of the same length") }
    var instructions: [IFEvalInstruction] = []
    for (id, arguments) in zip(ids, arguments) { instructions.append(try IFEvalInstruction(id, arguments)) }
    return instructions
  }

  /// What names the instructions, and whether it is Tülu's; nil where nothing does.
  static func instructionRecord(in columns: JSON) -> (record: JSON, isTulu: Bool)? {
    if columns["instruction_id_list"] != nil { return (columns, false) }
    guard let truth = columns["ground_truth"], let object = truth.string.map({ try? JSON(parsing: $0) }) ?? truth else {
      return nil
    }
    let record = object.array?.first ?? object
    return record["instruction_id"] != nil || record["func_name"] != nil ? (record, true) : nil
  }

  private static func withoutThinking(_ answer: String) -> String {
    let text = PythonText.split(answer, by: "</think>").last ?? ""
    return PythonText.strip(PythonText.replace(PythonText.replace(text, "<answer>"), "</answer>"))
  }

  private static func variants(of response: String) -> [String] {
    let lines = PythonText.split(response, by: "\n")
    let shorter = [lines.dropFirst(), lines.dropLast(), lines.dropFirst().dropLast()].map {
      PythonText.strip($0.joined(separator: "\n"))
    }
    return [response, PythonText.replace(response, "*")] + shorter + shorter.map { PythonText.replace($0, "*") }
  }
}
