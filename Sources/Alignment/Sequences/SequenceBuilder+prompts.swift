import Datasets
import Llama
import Text

extension SequenceBuilder {
  /// The examples of prompts that a model is to answer: one sequence each, of which nothing is scored yet, up to where the
  /// answer begins. What became of each record is counted.
  ///
  /// A prompt is never cut: one that leaves too little room is left out.
  /// - Parameter room: the most tokens of an answer, which must fit behind the prompt.
  /// - Throws: `AlignmentError` naming the record that cannot be rendered or whose tokens the model does not have.
  public func promptExamples(
    _ prompts: [PromptRecord], limits: Limits, leaving room: Int
  ) throws -> (examples: [TrainingExample], report: SequenceReport) {
    let (most, format) = (min(limits.maximumLength, limits.contextLength) - room, format)
    return try collect(prompts, at: \.location, limits: limits) { prompt in
      try format.tokens(prompt.messages, prompt.context, addingGenerationPrompt: true)
    } example: { tokens, location in
      try limits.check(tokens, at: location)
      guard tokens.count <= most else { throw LeftOut(reason: .noRoom(most)) }
      let sequence = TokenSequence(tokens: tokens, isScored: Array(repeating: false, count: tokens.count))
      return (TrainingExample(sequences: [sequence], location: location), [])
    }
  }
}
