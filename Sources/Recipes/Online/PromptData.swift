import Alignment
import Datasets
import Rollouts
import Training

/// The prompts of a run, and what became of the records that they were made from.
struct PromptData {
  /// The prompts as examples of which nothing is scored yet.
  let data: TrainingData
  /// The prompts to learn on.
  let prompts: [Prompt]
  /// Those that are only measured.
  let heldOut: [Prompt]

  /// Reads and tokenizes the prompts of a run.
  /// - Throws: errors naming file and line; `AlignmentError` where none is left.
  init(_ recipe: some OnlineRecipe, _ beginning: RunBeginning) throws {
    var records: [RecordLocation: PromptRecord] = [:]
    data = try TrainingData(recipe, beginning, isShared: false, prompt: \PromptRecord.messages) { prompts in
      for prompt in prompts { records[prompt.location] = prompt }
      return try beginning.builder.promptExamples(prompts, limits: beginning.limits, leaving: recipe.rollout.maxTokens)
    }
    func made(_ examples: [TrainingExample]) -> [Prompt] {
      examples.compactMap { example in records[example.location].map { Prompt($0, example) } }
    }
    (prompts, heldOut) = (made(data.examples), made(data.heldOut))
  }
}
