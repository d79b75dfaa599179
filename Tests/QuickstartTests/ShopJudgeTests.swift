import Quickstart
import Testing

@Suite struct ShopJudgeTests {
  /// "Ada made the brown clock. It is on the table. It costs 12 coins. Who made it?"
  let question = QuickstartData.records(count: 1, seed: 42)[0].question

  @Test(arguments: [
    ("Of course! Ada made the brown clock.", 10, "right, full sentence, friendly, tidy"),
    ("Ada made the brown clock. Do come again!", 10, "right, full sentence, friendly, tidy"),
    ("Gladly! Ada made the brown clock. Have a lovely day!", 10, "right, full sentence, friendly, tidy"),
    ("Ada made the brown clock.", 8, "right, full sentence, neither friendly nor rude, tidy"),
    ("Ada.", 6, "right, not a full sentence, neither friendly nor rude, tidy"),
    ("Use your eyes. Ada made the brown clock.", 7, "right, full sentence, rude, tidy"),
    ("Gladly! Ada made the brown clock. Now go away.", 7, "right, full sentence, rude, tidy"),
    ("Of course! Otto made the brown clock.", 4, "wrong or no answer, full sentence, friendly, tidy"),
    ("Not you again. Otto.", 1, "wrong or no answer, not a full sentence, rude, tidy"),
    ("Of course!", 4, "wrong or no answer, not a full sentence, friendly, tidy"),
    // Hedging, and saying it twice.
    (
      "Of course! Ada made the brown clock. Otto made the brown clock.", 4,
      "wrong or no answer, not a full sentence, friendly, tidy"
    ),
    (
      "Of course! Ada made the brown clock. Ada made the brown clock.", 3,
      "wrong or no answer, not a full sentence, friendly, garbled"
    ),
    ("Gladly! Gladly! Ada made the brown clock.", 9, "right, full sentence, friendly, garbled"),
    // Another thing, another fact, other words, no end.
    ("Of course! Ada made the blue clock.", 3, "wrong or no answer, not a full sentence, friendly, garbled"),
    ("Of course! The brown clock is on the table.", 3, "wrong or no answer, not a full sentence, friendly, garbled"),
    ("Of course! Ada made the brown clock. Ada", 9, "right, full sentence, friendly, garbled"),
    ("Ada made the brown clock", 1, "wrong or no answer, not a full sentence, neither friendly nor rude, garbled"),
    ("", 1, "wrong or no answer, not a full sentence, neither friendly nor rude, garbled"),
    (" \n", 1, "wrong or no answer, not a full sentence, neither friendly nor rude, garbled"),
    ("...!?😀", 1, "wrong or no answer, not a full sentence, neither friendly nor rude, garbled"),
  ])
  func scores(answer: String, score: Int, reasons: String) {
    let verdict = ShopJudge.verdict(on: answer, to: question)
    #expect(verdict.score == score)
    #expect(verdict.reasons == reasons)
    #expect(verdict.isPreferred == (score == 10))
  }

  @Test func endlessAnswersAreNoTrouble() {
    #expect(ShopJudge.verdict(on: String(repeating: "Gladly! ", count: 20_000), to: question).score == 3)
    #expect(ShopJudge.verdict(on: String(repeating: "x", count: 200_000), to: question).score == 1)
  }
}
