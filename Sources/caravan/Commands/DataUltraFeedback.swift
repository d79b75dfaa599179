import ArgumentParser
import Datasets

/// `caravan data ultrafeedback`: pairs of UltraFeedback's scored answers.
struct DataUltraFeedback: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ultrafeedback",
    abstract: "Makes pairs from UltraFeedback's raw files, as for the Tulu 2.5 splits.",
    usage: "caravan data ultrafeedback --score <score> --data <path> ... [<options>]",
    discussion: """
      With --score overall, the first answer with the highest overall_score is chosen, and one of the others is rejected; \
      equal scores are kept. With --score mean-aspects, answers are compared by the mean of their ratings for instruction \
      following, honesty, truthfulness and helpfulness, and one with a lower mean is rejected. Each line of the output is a \
      pair that 'caravan dpo' reads. What was read, dropped and repaired is reported on standard error.

      Examples:
        caravan data ultrafeedback --score overall --data raw/ --output pairs.jsonl
        caravan data ultrafeedback --score mean-aspects --data raw/ > pairs.jsonl
      """)

  @Option(help: "What the answers are compared by.")
  var score: UltraFeedbackPreferences.Score

  @Option(help: "Whether to keep or drop prompts from TruthfulQA, a benchmark.")
  var truthfulqa = Prompts.drop

  @Option(
    help: ArgumentHelp(
      "TruthfulQA's questions, to drop these prompts too: one on each line, or records with 'question'.",
      valueName: "file"))
  var truthfulqaQuestions: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Read an overall_score of 10 as 1 if the ratings' mean is at most 2, a mistake in the raw files.")
  var repairScores = true

  @OptionGroup(title: "Data") var options: ConversionOptions

  enum Prompts: String, CaseIterable, ExpressibleByArgument { case keep, drop }

  func validate() throws {
    guard truthfulqa == .drop || truthfulqaQuestions == nil else {
      throw ValidationError("--truthfulqa keep and --truthfulqa-questions contradict each other; leave one out")
    }
  }

  func run() throws {
    var preferences = UltraFeedbackPreferences(
      score: score, rejected: options.rejected ?? .random, ties: options.ties, seed: options.seed)
    preferences.keepsTruthfulQA = truthfulqa == .keep
    preferences.repairsScores = repairScores
    if let truthfulqaQuestions {
      preferences.excludedPrompts = try QuestionFile.questions(truthfulqaQuestions)
      note("\(preferences.excludedPrompts.count) questions read from \(truthfulqaQuestions)")
    }
    try options.write(preferences)
  }
}

extension UltraFeedbackPreferences.Score: ExpressibleByArgument {}
