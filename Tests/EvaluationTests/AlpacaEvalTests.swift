import Foundation
import JSON
import Testing

@testable import Evaluation

/// AlpacaEval's published win rates, from recorded preferences.
@Suite struct AlpacaEvalTests {
  @Test(.enabled(if: Gold.has("alpacaeval"))) func winRatesOfTheFirstVersion() throws {
    for (model, gold) in try Gold.json("alpacaeval/alpaca_eval_1_tulu.json").object ?? [:] {
      let rate = AlpacaEvalWinRate(gold.numbers("preferences"))
      #expect(gold["preferences"]?.array?.count == 805 && rate.count >= 804, "\(model)")
      #expect(abs(rate.winRate - (gold["win_rate"]?.double ?? 0)) < 1e-10)
      #expect(abs(rate.standardError - (gold["standard_error"]?.double ?? 0)) < 1e-10)
    }
  }

  private static func rows(_ model: String) throws -> [LengthControlledWinRate.Row] {
    let instructions = try Gold.json("alpacaeval/instructions.json").array ?? []
    return try zip(Gold.lines("alpacaeval/\(model).annotations.jsonl.gz"), instructions).compactMap {
      line, instruction in
      guard let preference = line["preference"]?.double else { return nil }
      return LengthControlledWinRate.Row(
        preference: preference, baselineLength: line["len_1"]?.int ?? 0, modelLength: line["len_2"]?.int ?? 0,
        difficulty: instruction["difficulty"]?.double ?? 0)
    }
  }

  private static let models = [
    "alpaca-7b", "claude-2", "gpt-3.5-turbo-1106", "gpt4_0613_concise", "FuseChat-Gemma-2-9B-Instruct",
  ]

  @Test(.enabled(if: Gold.has("alpacaeval")), arguments: models) func ratesOfTheSecondVersion(model: String) throws {
    let gold = try #require(try Gold.json("alpacaeval/expected.json")[model])
    let rows = try Self.rows(model)
    let rate = AlpacaEvalWinRate(rows.map(\.preference))
    #expect(abs(rate.winRate - (gold["win_rate"]?.double ?? 0)) < 1e-10)
    #expect(abs(rate.standardError - (gold["standard_error"]?.double ?? 0)) < 1e-10)
    #expect([rate.wins, rate.losses, rate.draws] == ["n_wins", "n_wins_base", "n_draws"].map { gold[$0]?.int })
    #expect(abs(rate.discreteWinRate - (gold["discrete_win_rate"]?.double ?? 0)) < 1e-10)

    // The published weights belong to a fit with two gamed baselines, the others to one without.
    let difficulties = rows.map(\.difficulty)
    let published = LengthControlledWinRate(weights: gold.numbers("published_weights"), difficulties: difficulties)
    #expect(abs(published.winRate - (gold["published"]?["length_controlled_winrate"]?.double ?? 0)) < 1e-3)
    guard let plain = gold["noreg"] else { return }
    let fitted = try LengthControlledWinRate(rows)
    #expect(abs((fitted.penalty ?? 0) / (plain["C"]?.double ?? 1) - 1) < 1e-9)
    for (ours, theirs) in zip(fitted.weights, plain.numbers("optimum_coef")) { #expect(abs(ours - theirs) < 1e-5) }
    #expect(abs(fitted.winRate - (plain["optimum_lc"]?.double ?? 0)) < 1e-5)
    #expect(abs(fitted.winRate - (plain["liblinear_lc"]?.double ?? 0)) < 0.05)
  }

  @Test(.enabled(if: Gold.has("alpacaeval"))) func predictionsOfTwoHundredModels() throws {
    let difficulties =
      try Gold.json("alpacaeval/instructions.json").array?.compactMap { $0["difficulty"]?.double } ?? []
    let models = try Gold.json("alpacaeval/lc_predict_200_models.json").object ?? [:]
    #expect(models.count > 190)
    for (model, gold) in models {
      let rate = LengthControlledWinRate(weights: gold.numbers("weights"), difficulties: difficulties)
      #expect(abs(rate.winRate - (gold["from_recovered_difficulty"]?.double ?? 0)) < 1e-9, "\(model)")
    }
  }

  @Test(.enabled(if: Gold.has("alpacaeval")), arguments: models.dropLast()) func repliesOfTheJudge(model: String) throws
  {
    let instructions = try Gold.json("alpacaeval/instructions.json").array ?? []
    for (line, instruction) in zip(try Gold.lines("alpacaeval/\(model).annotations.jsonl.gz"), instructions) {
      let isSwitched = AlpacaEvalJudgement.isSwitched(instruction.text("instruction"))
      #expect(isSwitched == instruction["is_switched"]?.bool)
      guard let tokens = line["top_logprobs"]?.object, let preference = line["preference"]?.double else { continue }
      let numbers = TextKeyed(tokens.compactMap { key, value in value.double.map { (key, $0) } })
      let said = try #require(AlpacaEvalJudgement.preference(logProbabilities: numbers))
      #expect(abs((isSwitched ? AlpacaEvalJudgement.switched(said) : said) - preference) < 1e-8)
    }
  }

  @Test func rankingsAreRead() {
    let ranking = "[{'model': 'model_1', 'rank': 2}, {'model': 'model_2', 'rank': 1}]"
    #expect(AlpacaEvalJudgement.preference(ranking: ranking) == 2)
    #expect(AlpacaEvalJudgement.preference(ranking: "Model 1 is better.") == nil)
    #expect(AlpacaEvalJudgement.preference(logProbabilities: [:]) == nil)
    #expect(AlpacaEvalWinRate([0, 1.5, 1, 2]).draws == 2)
  }
}
