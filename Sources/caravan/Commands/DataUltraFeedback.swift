import ArgumentParser
import Datasets

/// `caravan data ultrafeedback`: pairs of UltraFeedback's scored answers.
struct DataUltraFeedback: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ultrafeedback",
    abstract: "Makes pairs of UltraFeedback's raw files, as the Tulu 2.5 splits were made.",
    usage: "caravan data ultrafeedback --score <score> --data <path> ... [<options>]",
    discussion: """
      With --score overall, chosen is the first answer with the highest overall_score, and rejected one of the others; \
      equal scores are kept. With --score mean-aspects answers are compared by the mean of their ratings for instruction \
      following, honesty, truthfulness and helpfulness, and rejected is one with a lower mean. Pairs are written one a \
      line, in the form that 'caravan dpo' reads; what was read, dropped and repaired is said on standard error.

      Examples:
        caravan data ultrafeedback --score overall --data raw/ --output pairs.jsonl
        caravan data ultrafeedback --score mean-aspects --data raw/ > pairs.jsonl
      """)

  @Option(help: "What answers are compared by.")
  var score: UltraFeedbackPreferences.Score

  @Option(help: "What becomes of prompts from TruthfulQA, on which models are evaluated.")
  var truthfulqa = Prompts.drop

  @Option(
    help: ArgumentHelp(
      "TruthfulQA's questions, a line each, or in records as 'question': prompts to drop too.", valueName: "file"))
  var truthfulqaQuestions: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Read an overall_score of 10 as 1 where the ratings' mean is at most 2, a mistake of the raw files.")
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
