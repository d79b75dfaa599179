import JSON

/// One of IFEval's verifiable instructions, asked of every answer whatever its record says: 1 or 0.
///
///     let short = try IFEvalRule("length_constraints:number_words", ["relation": "less than", "num_words": 40])
public struct IFEvalRule: AnswerReward {
  /// The instruction's name behind its group, such as `number_words`.
  public let name: String
  private let columns: JSON
  private let reward = IFEvalReward(.strict, measure: .all)

  /// A rule by IFEval's name for the instruction, and its arguments as IFEval's data have them in `kwargs`.
  /// - Throws: `RewardError` for an instruction that IFEval does not have, and for arguments that it cannot have.
  public init(_ instruction: String, _ arguments: JSON = .object([:])) throws(RewardError) {
    name = instruction.split(separator: ":").last.map(String.init) ?? instruction
    columns = ["instruction_id_list": [.string(instruction)], "kwargs": [arguments]]
    // An answer of no account tells whether the rule is one.
    _ = try reward.reward(for: RewardedAnswer(prompt: [], text: "One. Two.", columns: columns))
  }

  /// What an answer is worth.
  public func reward(for answer: RewardedAnswer) throws(RewardError) -> Double? {
    try reward.reward(
      for: RewardedAnswer(
        prompt: answer.prompt, text: answer.text, tokens: answer.tokens, hasEnded: answer.hasEnded, columns: columns))
  }

  /// That languages are guessed, where the instruction asks for one and they are.
  public func remark(on columns: [JSON]) throws -> String? { try reward.remark(on: [self.columns]) }
}
