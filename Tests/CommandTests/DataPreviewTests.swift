import Foundation
import Testing

/// `caravan data preview`: records as the model sees them.
@Suite struct DataPreviewTests {
  private let place: Workplace
  private let preview = ["data", "preview", "--model", Workplace.model, "--data"]

  init() throws { place = try Workplace() }

  @Test func aPair() throws {
    #expect(
      try place.run(preview + [Workplace.pairs, "--ids"]).succeeded().output == #"""
        \#(Workplace.pairs):1
          37 tokens are computed, 24 of them for both answers
          chosen: 33 tokens, 9 scored
            <s>·<|·user·|>·\n·N·a·me· a· ·re·d· ·f·r·u·i·t·.·\n·<|·assistant·|>·\n[A· ·c·h·er·r·y·.·</s>]
            1 259 273 260 201 48 67 287 278 223 281 70 223 72 84 87 75 86 16 201 259 276 260 201 35 223 69 74 262 84 91 16 2
          rejected: 28 tokens, 4 scored
            <s>·<|·user·|>·\n·N·a·me· a· ·re·d· ·f·r·u·i·t·.·\n·<|·assistant·|>·\n[N·o·.·</s>]
            1 259 273 260 201 48 67 287 278 223 281 70 223 72 84 87 75 86 16 201 259 276 260 201 48 81 16 2

        """#)
  }

  @Test func aConversationScoresAllThatTheAssistantSays() throws {
    #expect(
      try place.run(preview + [Workplace.conversations]).succeeded().output == #"""
        \#(Workplace.conversations):1
          conversation: 60 tokens, 20 scored
            <s>·<|·user·|>·\n·N·a·me· a· ·re·d· ·f·r·u·i·t·.·\n·<|·assistant·|>·\n[A· ·c·h·er·r·y·.·</s>]\#
        \n·<|·user·|>·\n·T·h·an·k·s·.·\n·<|·assistant·|>·\n[Y·ou·'·re· w·e·l·co·me·.·</s>]

        """#)
  }

  @Test func weightsStandBehindWhatTheyWeigh() throws {
    let answers = [("c", "0.5"), ("d", "1")].map { #"{"role": "assistant", "content": "\#($0)", "weight": \#($1)}"# }
    let turns = answers.map { #"{"role": "user", "content": "a"}, "# + $0 }.joined(separator: ", ")
    try place.write("weighted.jsonl", #"{"messages": [\#(turns)]}"# + "\n")
    #expect(
      try place.run(preview + ["weighted.jsonl"]).succeeded().output == #"""
        weighted.jsonl:1
          conversation: 26 tokens, 4 scored
            <s>·<|·user·|>·\n·a·\n·<|·assistant·|>·\n[c·</s>]×0.5·\n·<|·user·|>·\n·a·\n·<|·assistant·|>·\n[d·</s>]
          kept 1: a weight other than 1, of the record or a message; its tokens count that much (weighted.jsonl:1)

        """#)
    let stats = try place.run(["data", "stats", "--data", "weighted.jsonl"]).succeeded().output
    #expect(
      stats.contains("weights         1 of 1 conversations have a weight other than 1, or a message with one\n"),
      "\(stats)")
  }

  @Test func whatIsCutIsSaid() throws {
    let cut = ["--max-length", "30"]
    #expect(
      try place.run(preview + [Workplace.pairs] + cut).succeeded().output == #"""
        \#(Workplace.pairs):1
          34 tokens are computed, 24 of them for both answers
          chosen: 30 tokens, 6 scored
            <s>·<|·user·|>·\n·N·a·me· a· ·re·d· ·f·r·u·i·t·.·\n·<|·assistant·|>·\n[A· ·c·h·er·r]
          rejected: 28 tokens, 4 scored
            <s>·<|·user·|>·\n·N·a·me· a· ·re·d· ·f·r·u·i·t·.·\n·<|·assistant·|>·\n[N·o·.·</s>]
          kept 1: longer than 30 tokens; cut there, so their ending is not learned (\#(Workplace.pairs):1)

        """#)
    #expect(
      try place.run(preview + [Workplace.pairs, "--drop-truncated"] + cut).succeeded().output == """
        \(Workplace.pairs):1
          left out 1: longer than 30 tokens (\(Workplace.pairs):1)

        """)
    #expect(
      try place.run(preview + [Workplace.pairs, "--max-length", "10"]).succeeded().output == """
        \(Workplace.pairs):1
          left out 1: no token of an answer is left to score (\(Workplace.pairs):1)

        """)
  }

  @Test func aMergedBoundaryIsShown() throws {
    try place.write("template.jinja", "{% for message in messages %}{{ message.content }}{% endfor %}")
    try place.write("pairs.jsonl", #"{"prompt": "a r", "chosen": "ed hat", "rejected": "ich man"}"#)
    #expect(
      try place.run(preview + ["pairs.jsonl", "--chat-template", "template.jinja"]).succeeded().output == """
        pairs.jsonl:1
          14 tokens are computed, 2 of them for both answers
          chosen: 7 tokens, 5 scored
            a· [re·d· ·h·at]
          rejected: 9 tokens, 7 scored
            a· [r·i·c·h· ·m·an]
          kept 1: an answer's first token begins with the end of its prompt; it is scored \
        (pairs.jsonl:1: …"a red h"…)

        """)
  }

  @Test func textIsOnOneLineWhateverItHolds() throws {
    try place.write("chats.jsonl", #"{"prompt": "Ä\u001b[31m\u2028.", "completion": "日"}"#)
    #expect(
      try place.run(preview + ["chats.jsonl"]).succeeded().output == #"""
        chats.jsonl:1
          conversation: 25 tokens, 4 scored
            <s>·<|·user·|>·\n··Ä·\u{1B}·[·3·1·m···\u{2028}·.·\n·<|·assistant·|>·\n[··日·</s>]

        """#)
  }

  @Test func severalRecordsAndWhatWasLeftOut() throws {
    try place.write(
      "data.jsonl", "{\"prompt\": \"a\", \"completion\": \"b\"}\n{}\n{\"prompt\": 3, \"completion\": \"b\"}\n")
    let outcome = try place.run(preview + ["data.jsonl", "--count", "5", "--skip-invalid"]).succeeded()
    #expect(outcome.output.hasPrefix("data.jsonl:1\n"))
    #expect(outcome.errors.split(separator: "\n").count == 2, "\(outcome)")
  }
}
