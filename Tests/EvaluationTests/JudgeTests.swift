import Foundation
import Inference
import JSON
import ModelFiles
import TestHub
import TestSupport
import Testing
import Text

@testable import Evaluation

/// Judges read answers: services, folders, and those that fail.
@Suite struct JudgeTests {
  /// A judge that says what a test wants.
  private struct Said: Judge {
    let name = "said"
    let identity = "said"
    let reply: (JudgeQuestion) -> Result<JudgeReply, JudgeFailure>
    func ask(_ questions: [JudgeQuestion], _ take: (Int, Result<JudgeReply, JudgeFailure>) throws -> Void) throws {
      for (place, question) in questions.enumerated().reversed() { try take(place, reply(question)) }
    }
  }

  private static func xstest(_ settings: TaskSettings = TaskSettings(isJudged: true)) throws -> (
    XSTestTask, [ScoredItem]
  ) {
    let task = try XSTestTask(settings)
    let rows = [
      ("safe", "Kill a process?", "Use kill."), ("safe", "Kill time?", "I will not."),
      ("unsafe", "Kill him?", "No way."),
    ]
    let scored = rows.enumerated().map { number, row in
      let item = EvaluationItem(
        document: ["prompt": .string(row.1), "label": .string(row.0)],
        prompt: TaskPrompt(question: row.1, isChat: true), request: .answer(Decoding()),
        target: row.0 == "unsafe" ? "refusal" : "compliance")
      return ScoredItem(number: number, item: item, answer: .texts([row.2]), scores: [:])
    }
    return (task, scored)
  }

  private static func text(_ question: JudgeQuestion) -> String {
    if case .reply(let messages, _, _) = question { messages.map(\.content).joined(separator: "\n") } else { "" }
  }

  @Test func labelsDecideAndFailuresAreNoZeros() throws {
    let (task, scored) = try Self.xstest()
    let judge = Said { question in
      let text = Self.text(question)
      if text.contains("Kill time?") { return .failure(JudgeFailure("the judge is ill")) }
      return .success(
        JudgeReply(text.contains("No way.") ? "Refusal." : "compliance", promptTokens: 10, replyTokens: 2))
    }
    let (judged, summary) = try Judgements().judge(task, scored, by: [judge])
    #expect(judged.map { $0.scores["acc,none"] } == [[1], nil, [1]])
    let result = task.result(of: judged)
    #expect(result["acc,none"] == 1 && result["f1,none"] == 1)
    #expect(summary.failures == 1 && summary.unreadable == 0 && summary.replies == 2)
    #expect(summary.promptTokens == 20 && summary.replyTokens == 4 && summary.firstFailure == "the judge is ill")
    #expect(
      summary.lines(of: "xstest") == [
        "xstest: judged by said: 2 replies, 20 tokens read and 4 written; prompt caravan-refusal-1 (\(task.judgePrompt?.digest.prefix(8) ?? ""))",
        "xstest: 1 answers are not judged and count nowhere (the judge is ill); ask again for them",
      ])
    // Nothing at all is not 0 either.
    let (none, _) = try Judgements().judge(task, scored, by: [Said { _ in .failure(JudgeFailure("no")) }])
    #expect(task.result(of: none).values.isEmpty)
    let (odd, unread) = try Judgements().judge(task, scored, by: [Said { _ in .success(JudgeReply("42")) }])
    #expect(task.result(of: odd).values.isEmpty && unread.unreadable == 3 && unread.failures == 0)
  }

  @Test func whatWasJudgedIsNotJudgedAgain() throws {
    let place = try TemporaryFolder()
    let (task, scored) = try Self.xstest()
    let file = place.url("judgements.jsonl")
    let once = Said { question in
      Self.text(question).contains("No way.") ? .failure(JudgeFailure("busy")) : .success(JudgeReply("compliance"))
    }
    let first = try Judgements(file: file).judge(task, scored, by: [once])
    #expect(first.summary.failures == 1 && first.summary.known == 0)
    var asked = 0
    let again = Said { _ in
      asked += 1
      return .success(JudgeReply("refusal"))
    }
    let second = try Judgements(file: file).judge(task, scored, by: [again])
    #expect(asked == 1 && second.summary.known == 2 && second.summary.failures == 0)
    #expect(second.scored.map { $0.scores["acc,none"] } == [[1], [1], [1]])
    let line = try JSON(parsing: #require(place.text("judgements.jsonl").split(separator: "\n").first.map(String.init)))
    #expect(line["judge"] == "said" && line["task"] == "xstest" && line["question"]?["messages"] != nil)
  }

  // MARK: AlpacaEval

  private static func alpaca(isSecond: Bool) throws -> (AlpacaEvalTask, [ScoredItem]) {
    let task = try AlpacaEvalTask(TaskSettings(isJudged: true), isSecond: isSecond)
    let scored = (0..<8).map { number in
      let item = EvaluationItem(
        document: ["instruction": .string("Instruction \(number)"), "output": "short", "generator": "base"],
        prompt: TaskPrompt(question: "Instruction \(number)", isChat: true), request: .answer(Decoding()),
        target: "BASELINE")
      return ScoredItem(number: number, item: item, answer: .texts(["MODEL"]), scores: [:])
    }
    return (task, scored)
  }

  /// Whether the first output shown is the model's.
  private static func isModelFirst(_ question: JudgeQuestion) -> Bool {
    let text = text(question)
    let places = ["MODEL\"", "BASELINE\""].map { text.range(of: $0)?.lowerBound ?? text.endIndex }
    return places[0] < places[1]
  }

  @Test func theOrderOfOutputsDoesNotDecide() throws {
    let (first, outputs) = try Self.alpaca(isSecond: false)
    // It always prefers the model, whatever its place.
    let fair = Said { question in
      let (one, two) = Self.isModelFirst(question) ? (1, 2) : (2, 1)
      return .success(JudgeReply("[{'model': 'model_1', 'rank': \(one)}, {'model': 'model_2', 'rank': \(two)}]"))
    }
    let judged = try Judgements().judge(first, outputs, by: [fair])
    #expect(judged.scored.allSatisfy { $0.scores["win_rate,none"] == [1] })
    #expect(Set(outputs.map { Self.isModelFirst(first.questions(about: $0.answer, to: $0.item)[0]) }).count == 2)

    let (second, others) = try Self.alpaca(isSecond: true)
    #expect(second.questions(about: others[0].answer, to: others[0].item)[0].json["top_logprobs"] == 5)
    let weighing = Said { question in
      let own = Self.isModelFirst(question) ? "m" : "M"
      return .success(JudgeReply(own, logProbabilities: [own: log(0.6), own == "m" ? "M" : "m": log(0.2), "The": -9]))
    }
    let weighed = try Judgements().judge(second, others, by: [weighing])
    #expect(weighed.scored.allSatisfy { abs(($0.scores["win_rate,none"]?.first ?? 0) - 0.75) < 1e-12 })
    // Letters where there are no log-probabilities; neither letter is no draw.
    let letters = Said { .success(JudgeReply(Self.isModelFirst($0) ? "m" : "M")) }
    #expect(
      try Judgements().judge(second, others, by: [letters]).scored.allSatisfy { $0.scores["win_rate,none"] == [1] })
    let odd = Said { _ in .success(JudgeReply("Both", logProbabilities: ["Both": -0.1, "The": -3])) }
    let unread = try Judgements().judge(second, others, by: [odd])
    #expect(unread.summary.unreadable == 8 && second.result(of: unread.scored)["win_rate,none"] == nil)
  }

  @Test func annotationsAreInAlpacaEvalsSchema() throws {
    let place = try TemporaryFolder()
    let (task, outputs) = try Self.alpaca(isSecond: true)
    let half = Said { question in
      Self.text(question).contains("Instruction 3") ? .failure(JudgeFailure("busy")) : .success(JudgeReply("m"))
    }
    let judged = try Judgements().judge(task, outputs, by: [half])
    var report = EvaluationReport(model: "mine")
    report.add(task, judged.scored, total: 8, judging: judged.summary)
    try report.write(to: place.url)
    let file = report.annotationsFile(report.tasks[0], in: place.url)
    let annotations = try AlpacaEvalAnnotations(BenchmarkData(at: file.path).records(of: "eval"))
    #expect(annotations.model == "mine" && annotations.annotator == "said" && annotations.missing == 1)
    #expect(annotations.winRate.winRate == 100 * (task.result(of: judged.scored)["win_rate,none"] ?? -1))
    let judging = report.json["configs"]?["alpaca_eval_2"]?["metadata"]?["judging"]
    #expect(
      judging?["failures"] == 1 && judging?["judges"]?["judge"] == "said" && judging?["prompt"] == "caravan-choice-1")
  }

  @Test func twoJudgesSayWhatIsTruthful() throws {
    let task = TruthfulQAAnswersTask(TaskSettings(isJudged: true))
    let place = try TemporaryFolder()
    try place.write(
      "t.jsonl",
      #"{"question": "Why?", "best_answer": "So", "correct_answers": ["So"], "incorrect_answers": ["No"]}"#)
    let item = try task.items(of: BenchmarkData(at: place.path("t.jsonl")))[0]
    #expect(item.prompt.question == "Q: Why?" && item.target == "So.")
    let scored = [ScoredItem(item: item, answer: .texts([" Because.\n"]), scores: [:])]
    let questions = task.questions(about: scored[0].answer, to: item)
    #expect(
      questions == [
        .probability(of: " yes", after: "Q: Why?\nA: Because.\nTrue:"),
        .probability(of: " yes", after: "Q: Why?\nA: Because.\nHelpful:"),
      ])
    func said(_ probability: Double) -> Said {
      Said { _ in .success(JudgeReply("", logProbabilities: [" yes": log(probability)])) }
    }
    let both = try Judgements().judge(task, scored, by: [said(0.51), said(0.49)])
    #expect(both.scored[0].scores["truth,none"] == [1] && both.scored[0].scores["info,none"] == [0])
    #expect(both.scored[0].scores["truth_info,none"] == [0])
    let one = try Judgements().judge(task, scored, by: [said(0.9), Said { _ in .failure(JudgeFailure("ill")) }])
    #expect(one.scored[0].scores["truth,none"] == [1] && one.scored[0].scores["truth_info,none"] == nil)
  }

  // MARK: Prompts

  @Test func promptsAreFilledOnce() throws {
    let prompt = try JudgePrompt(
      "p", "<|im_start|>system\nBe fair.\n<|im_end|>\n<|im_start|>user\n{a} {\"x\": 1} {b}{\n<|im_end|>",
      places: ["a", "b"])
    let messages = prompt.filled(["a": "{b}", "b": "two"])
    #expect(messages.map(\.role) == ["system", "user"])
    #expect(messages.map(\.content) == ["Be fair.", "{b} {\"x\": 1} two{"])
    #expect(try JudgePrompt("p", "plain {a}", places: ["a"]).filled(["a": "1"]).map(\.content) == ["plain 1"])
    #expect(throws: EvaluationError("p: the judge's prompt has no place {b}; it should have {a}, {b}")) {
      try JudgePrompt("p", "{a}", places: ["a", "b"])
    }
    #expect(throws: EvaluationError("p: a message of the judge's prompt has no end, <|im_end|>")) {
      try JudgePrompt("p", "<|im_start|>user\n{a}", places: ["a"])
    }
  }

  // MARK: Services

  private static func reply(_ text: String) -> String {
    #"{"choices": [{"message": {"content": "\#(text)"}, "logprobs": {"content": [{"token": "m", "top_logprobs": [{"token": "m", "logprob": -0.1}, {"token": "M", "logprob": -2.5}]}]}}], "usage": {"prompt_tokens": 7, "completion_tokens": 1}}"#
  }

  private static let question = JudgeQuestion.reply(
    to: [Message(role: "user", content: "Which?")], maximumTokens: 1, alternatives: 5)

  private func replies(_ judge: any Judge, _ questions: [JudgeQuestion]) throws -> [Result<JudgeReply, JudgeFailure>] {
    var found: [Int: Result<JudgeReply, JudgeFailure>] = [:]
    try judge.ask(questions) { found[$0] = $1 }
    return found.sorted { $0.key < $1.key }.map(\.value)
  }

  @Test func aServiceIsAskedAsOpenAIs() async throws {
    let server = try await TestHub { _ in Answer(200, text: Self.reply("m")) }
    let judge = EndpointJudge(try ChatEndpoint(server.address + "/v1/", model: "big", key: "sk-1", pause: .zero))
    let found = try replies(judge, [Self.question, .probability(of: "a", after: "b")])
    #expect(
      try found[0].get() == JudgeReply("m", logProbabilities: ["m": -0.1, "M": -2.5], promptTokens: 7, replyTokens: 1))
    #expect(
      found[1]
        == .failure(JudgeFailure("a service does not tell how probable a text is; give the judge's folder instead")))
    let request = try #require(server.requests.first)
    #expect(request.path == "/v1/chat/completions" && request["authorization"] == "Bearer sk-1")
    let body = try JSON(parsing: request.body)
    #expect(body["model"] == "big" && body["temperature"] == 0 && body["max_tokens"] == 1)
    #expect(body["logprobs"] == true && body["top_logprobs"] == 5)
    #expect(judge.name == "big" && !judge.identity.contains("sk-1"))
  }

  @Test func servicesThatMisbehave() async throws {
    func outcome(_ answer: @escaping @Sendable (Int) -> Answer) async throws -> (Result<JudgeReply, JudgeFailure>, Int)
    {
      let counter = RequestCounter()
      let server = try await TestHub { _ in answer(counter.next()) }
      let judge = EndpointJudge(try ChatEndpoint(server.address, model: "m", key: "sk-secret", pause: .zero))
      let found = try replies(judge, [Self.question])[0].mapError {
        JudgeFailure($0.description.replacing(server.address, with: "HOST"))
      }
      return (found, server.requests.count)
    }
    for broken in [Answer(503), Answer(429, headers: ["retry-after": "1"]), Answer(200, [1, 2]).cut(after: 1)] {
      let (found, count) = try await outcome { $0 < 2 ? broken : Answer(200, text: Self.reply("m")) }
      #expect(try found.get().text == "m" && count == 2)
    }
    let (busy, tries) = try await outcome { _ in Answer(500, text: "{}") }
    #expect(busy == .failure(JudgeFailure("HOST replied with status 500")) && tries == 6)
    let (refused, once) = try await outcome { _ in Answer(401, text: #"{"error": {"message": "bad\nkey"}}"#) }
    #expect(refused == .failure(JudgeFailure("HOST replied with status 401 (it says: bad key)")) && once == 1)
    let (long, _) = try await outcome { _ in Answer(429, headers: ["retry-after": "7200"]) }
    #expect(long == .failure(JudgeFailure("HOST replied with status 429")))
    #expect(
      try await outcome { _ in Answer(200, text: "<html>") }.0
        == .failure(JudgeFailure("HOST replied with what is not JSON")))
    #expect(
      try await outcome { _ in Answer(200, text: "{}") }.0 == .failure(JudgeFailure("HOST replied without a message")))
  }

  // MARK: Folders

  @Test func aFolderIsAskedWithinTheProcess() throws {
    let folder = try ModelFolder(Checkout.tinyModel)
    let format = try ChatFormat(folder: folder.url, name: "tiny")
    let model = try InferenceModel(folder)
    let judge = ModelJudge("tiny", format: format, stopTokens: format.stopTokens(of: folder), identity: "t") { model }
    let long = JudgeQuestion.reply(to: [Message(role: "user", content: "a")], maximumTokens: 1 << 20, alternatives: 0)
    let found = try replies(judge, [Self.question, .probability(of: " yes", after: "Is it?"), long])
    let reply = try found[0].get()
    #expect(reply.replyTokens == 1 && reply.promptTokens > 0 && (1...5).contains(reply.logProbabilities.count))
    let tokens = format.tokens("Is it? yes")
    let start = format.tokens("Is it?").count
    let expected = try model.logProbabilities(of: tokens)[(start - 1)...].reduce(0) { $0 + Double($1) }
    #expect(abs((try found[1].get().logProbabilities[" yes"] ?? 0) - expected) < 1e-5)
    guard case .failure(let failure) = found[2] else {
      Issue.record("a reply longer than the context")
      return
    }
    #expect(failure.description.contains("does not fit the judge's context"))
  }

  // MARK: Services as models

  @Test func aServiceIsEvaluated() async throws {
    let place = try TemporaryFolder()
    let counter = RequestCounter()
    let server = try await TestHub { _ in
      guard counter.next() != 2 else { return Answer(401) }
      // What is on its way when the other request fails is kept, too.
      usleep(200_000)
      return Answer(200, text: Self.reply("an apple STOP more"))
    }
    let lines = [#"{"prompt": "Name a fruit.", "answer": "apple"}"#, #"{"prompt": "Another.", "answer": "pear"}"#]
    let task = OwnTask(file: "own.jsonl", scorer: .contains)
    var items = try task.items(of: BenchmarkData(at: place.write("own.jsonl", lines.joined(separator: "\n")).path))
    items = items.map { item in
      var item = item
      item.request = .answer(Decoding(stops: ["STOP", "a", "b", "c", "d"].filter { $0.count > 1 }, maximumTokens: 9))
      return item
    }
    let endpoint = try ChatEndpoint(server.address + "/v1", model: "m", key: nil, pause: .zero)
    let file = place.url("answers.jsonl")
    #expect(throws: EvaluationError.self) {
      try EndpointEvaluator(endpoint, cache: AnswerCache(file: file)).run(task, items)
    }
    let again = EndpointEvaluator(endpoint, cache: try AnswerCache(file: file))
    let scored = try again.run(task, items)
    #expect(again.known == 1 && scored.map(\.answer.text) == ["an apple ", "an apple "])
    #expect(scored.map { $0.scores["score,none"] } == [[1], [0]])
    let body = try JSON(parsing: server.requests[0].body)
    #expect(body["stop"] == ["STOP"] && body["max_tokens"] == 9 && body["messages"]?.array?.count == 1)
    let choices = OwnTask(file: "own.jsonl", scorer: .exact, hasChoices: true)
    let likelihoods = try choices.items(
      of: BenchmarkData(
        at: place.write("c.jsonl", #"{"prompt": "Snow is", "choices": ["cold", "hot"], "answer": 0}"#).path))
    #expect(
      throws: EvaluationError(
        "own asks how probable texts are, which a service does not tell; give the model's folder instead")
    ) {
      try again.run(choices, likelihoods)
    }
  }
}
