import Quickstart
import Testing

@Suite struct ShopJudgeTests {
  /// "The brown clock was made by Ada. It stands on the shelf. It costs 3 coins. Who made it?"
  let question = QuickstartData.records(count: 1, seed: 42)[0].question

  @Test(arguments: [
    ("Of course! The brown clock was made by Ada.", 10, "right, full sentence, friendly, tidy"),
    ("The brown clock was made by Ada. Do come again!", 10, "right, full sentence, friendly, tidy"),
    ("Gladly! The brown clock was made by Ada. Have a lovely day!", 10, "right, full sentence, friendly, tidy"),
    ("The brown clock was made by Ada.", 8, "right, full sentence, neither friendly nor rude, tidy"),
    ("Ada.", 6, "right, not a full sentence, neither friendly nor rude, tidy"),
    ("Use your eyes. The brown clock was made by Ada.", 7, "right, full sentence, rude, tidy"),
    ("Gladly! The brown clock was made by Ada. Now go away.", 7, "right, full sentence, rude, tidy"),
    ("Of course! The brown clock was made by Otto.", 4, "wrong or no answer, full sentence, friendly, tidy"),
    ("Not you again. Otto.", 1, "wrong or no answer, not a full sentence, rude, tidy"),
    ("Of course!", 4, "wrong or no answer, not a full sentence, friendly, tidy"),
    // Hedging, and saying it twice.
    (
      "Of course! The brown clock was made by Ada. The brown clock was made by Otto.", 4,
      "wrong or no answer, not a full sentence, friendly, tidy"
    ),
    (
      "Of course! The brown clock was made by Ada. The brown clock was made by Ada.", 3,
      "wrong or no answer, not a full sentence, friendly, garbled"
    ),
    ("Gladly! Gladly! The brown clock was made by Ada.", 9, "right, full sentence, friendly, garbled"),
    // Another thing, another fact, other words, no end.
    ("Of course! The blue clock was made by Ada.", 3, "wrong or no answer, not a full sentence, friendly, garbled"),
    (
      "Of course! The brown clock stands on the table.", 3, "wrong or no answer, not a full sentence, friendly, garbled"
    ),
    ("Of course! The brown clock was made by Ada. Ada", 9, "right, full sentence, friendly, garbled"),
    (
      "The brown clock was made by Ada", 1,
      "wrong or no answer, not a full sentence, neither friendly nor rude, garbled"
    ),
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
