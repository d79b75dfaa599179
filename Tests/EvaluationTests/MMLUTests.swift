import Foundation
import JSON
import TestSupport
import Testing
import Text

@testable import Evaluation

/// MMLU's prompts, to the byte, and its averages.
@Suite struct MMLUTests {
  private static let tokenizer = Checkout.shared("real/llama2-tokenizer")

  /// The prompts of Tülu's evaluation, put together again of their own questions; those that are too long lose examples.
  @Test(.enabled(if: Gold.has("mmlu") && FileManager.default.fileExists(atPath: tokenizer.path)))
  func promptsAreTheAuthors() throws {
    let format = try ChatFormat(folder: Self.tokenizer, name: "llama2", template: "tulu")
    let lines = try Gold.lines("mmlu/prompts.jsonl.gz")
    #expect(lines.count == 228)
    var cut = 0
    // The examples of subjects that lost some stand in no prompt as a whole: others, as long, take their place.
    let filler = MMLUTask.Question(
      subject: "", text: String(repeating: "word ", count: 300), choices: ["a", "b", "c", "d"], answer: 0)
    for line in lines {
      let (shots, kept) = (line["shots"]?.int ?? 0, line["shots_kept"]?.int ?? 0)
      let task = MMLUTask(TaskSettings(style: .tulu25, shots: shots))
      var questions = try Self.questions(in: line.text("prompt"), subject: line.text("subject"))
      #expect(questions.count == kept + 1)
      var last = questions.removeLast()
      last = MMLUTask.Question(
        subject: last.subject, text: last.text, choices: last.choices,
        answer: MMLUTask.letters.firstIndex(of: line.text("answer")) ?? 0)
      let item = task.item(last, examples: questions + Array(repeating: filler, count: shots - kept))
      let (text, tokens, count) = try item.prompt.fitted(format, most: 4096)
      // Here the template writes the token that begins a text; the authors' tokenizer adds it.
      #expect(text == "<s>" + line.text("prompt"))
      #expect(count == kept)
      #expect(tokens.count == 1 + (line["tokens_without_bos"]?.int ?? 0))
      #expect(item.target == line.text("answer"))
      if kept < shots { cut += 1 }
    }
    #expect(cut == 4)
  }

  /// The questions of a prompt: everything between its opening and its end, parted where answers stand.
  private static func questions(in prompt: String, subject: String) throws -> [MMLUTask.Question] {
    let pattern = #/\n\n((?s).*)\nAnswer:\n<\|assistant\|>\nThe answer is:$/#
    let body = String(try #require(prompt.firstMatch(of: pattern)).1)
    let solved = body.matches(of: #/((?s).*?)\nAnswer: ([ABCD])\n\n/#)
    let rest = String(body[(solved.last?.range.upperBound ?? body.startIndex)...])
    func question(_ text: String, _ letter: String) throws -> MMLUTask.Question {
      let parts = try #require(
        text.wholeMatch(of: #/((?s).*?)\nA\. ((?s).*?)\nB\. ((?s).*?)\nC\. ((?s).*?)\nD\. ((?s).*)/#))
      return MMLUTask.Question(
        subject: subject, text: String(parts.1), choices: [parts.2, parts.3, parts.4, parts.5].map(String.init),
        answer: try #require(MMLUTask.letters.firstIndex(of: letter)))
    }
    return try solved.map { try question(String($0.1), String($0.2)) } + [try question(rest, "A")]
  }

  @Test(.enabled(if: Gold.has("mmlu"))) func averagesAreTheAuthors() throws {
    let gold = try Gold.json("mmlu/scoring.json")
    let task = MMLUTask()
    var scored: [ScoredItem] = []
    for (subject, predictions) in gold["predictions"]?.object ?? [:] {
      let question = MMLUTask.Question(subject: subject, text: "", choices: ["", "", "", ""], answer: 0)
      for (letter, right) in zip(predictions.string ?? "", gold["answers"]?.text(subject) ?? "") {
        var item = task.item(question, examples: [])
        item.target = String(right)
        let answer = ModelAnswer.likelihoods(
          MMLUTask.letters.map { Likelihood(logProbability: $0 == String(letter) ? -0.5 : -2, isGreedy: false) })
        scored.append(ScoredItem(item: item, answer: answer, scores: task.scores(of: answer, to: item)))
      }
    }
    let result = task.result(of: scored)
    #expect(result.count == 14_042)
    #expect(result["acc,none"] == gold["average_acc"]?.double)
    #expect(result.groups.count == 57)
    let macro = SampleStatistics.mean(result.groups.map(\.values[0].value))
    #expect(abs(macro - (gold["macro_by_subject"]?.double ?? 0)) < 1e-12)
    #expect(result.categories.count == 4)
    for category in result.categories { #expect(category.values[0].value == gold["cat_acc"]?[category.name]?.double) }
  }

  /// Both forms of the data make the same prompts, with one space as the harness writes, and raw.
  @Test func theHubsRecordsAndTheOriginalFilesAreTheSame() throws {
    let folder = try TemporaryFolder()
    try folder.write("raw/test/anatomy_test.csv", "\"Where, if \"\"anywhere\"\"?\",None,b,c,d,B\n")
    try folder.write("raw/dev/anatomy_dev.csv", "question,A,B,C,D,answer\nWhen?,1,2,3,4,3\n")
    let record =
      #"{"question": "Where, if \"anywhere\"?", "subject": "anatomy", "choices": ["None", "b", "c", "d"], "answer": 1}"#
    try folder.write("hub/all/test.jsonl", record)
    try folder.write(
      "hub/all/dev.jsonl", #"{"question": "When?", "subject": "anatomy", "choices": ["1", "2", "3", "4"], "answer": 3}"#
    )
    let task = MMLUTask(TaskSettings(style: .harness, shots: 1))
    let items = try ["raw", "hub"].map { try task.items(of: BenchmarkData(at: folder.path($0))) }
    #expect(items[0].map(\.prompt) == items[1].map(\.prompt))
    #expect(items[0].map(\.target) == ["B"])
    #expect(
      items[0][0].prompt.opening == "The following are multiple choice questions (with answers) about anatomy.\n\n")
    #expect(items[0][0].prompt.shots == ["When?\nA. 1\nB. 2\nC. 3\nD. 4\nAnswer: D\n\n"])
    #expect(items[0][0].prompt.question == "Where, if \"anywhere\"?\nA. None\nB. b\nC. c\nD. d\nAnswer:")
  }
}
