import Foundation
import JSON
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// `caravan serve`: the whole road from a model to a vote, and from votes to training.
@Suite struct ServeTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  /// Starts a server on a free port; returns it and its address.
  private func serve(_ arguments: [String]) throws -> (Command, String) {
    let server = try Command(["serve", "--port", "0", "--threads", "1"] + arguments, in: place)
    var address = ""
    try server.until {
      let said = try server.errors
      address = said.split(separator: " ").map(String.init).first { $0.hasPrefix("http://127.0.0.1:") } ?? ""
      return said.contains("(Ctrl-C to finish)")
    }
    return (server, address)
  }

  private static func post(_ url: String, _ body: JSON) async throws -> (status: Int, body: JSON) {
    var request = URLRequest(url: try #require(URL(string: url)))
    request.httpMethod = "POST"
    request.httpBody = Data(body.text.utf8)
    request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    let (data, response) = try await URLSession.shared.data(for: request)
    let status = try #require(response as? HTTPURLResponse).statusCode
    return (status, try JSON(parsing: String(decoding: data, as: UTF8.self)))
  }

  private static func chat(_ maxTokens: Double, model: String? = nil) -> JSON {
    var body: JSON = [
      "messages": [["role": "user", "content": "Hello."]], "max_tokens": .number(maxTokens), "temperature": 0,
    ]
    if let model { body = .object(body.object!.merging(["model": .string(model)]) { $1 }) }
    return body
  }

  @Test func answersAreThoseOfGenerate() async throws {
    let (server, address) = try serve([Workplace.model, "--max-tokens", "12"])
    defer { server.send(SIGKILL) }
    let (status, reply) = try await Self.post(address + "/v1/chat/completions", Self.chat(50))
    #expect(status == 200)
    #expect(
      reply["warnings"] == ["'max_tokens' is 12, not 50: answers have at most 12 on this server (--max-tokens)"])
    let generated = try place.run(
      ["generate", "--threads", "1", "--model", Workplace.model, "--max-tokens", "12", "Hello."])
    #expect(
      reply["choices"]?.array?.first?["message"]?["content"]?.string == String(generated.succeeded().output.dropLast()))
    server.send(SIGTERM)
    let log = try server.outcome().errors
    #expect(log.contains(#""event": "request", "client": "127.0.0.1", "completion_tokens": 12"#), "\(log)")
  }

  @Test func votesTrain() async throws {
    try place.copyModel("before")
    try place.copyModel("after")
    let (server, address) = try serve(["before", "after", "--votes", "votes.jsonl"])
    defer { server.send(SIGKILL) }
    #expect(try await Self.post(address + "/v1/chat/completions", Self.chat(4, model: "after")).status == 200)
    #expect(try await Self.post(address + "/v1/chat/completions", Self.chat(4, model: "other")).status == 404)
    for (index, choice) in ["first", "second", "tie"].enumerated() {
      let vote: JSON = [
        "prompt": [["role": "user", "content": .string("Question \(index)?")]],
        "answers": [
          ["model": "before", "content": "No."], ["model": "after", "content": "Yes, it is."],
        ], "choice": .string(choice),
      ]
      #expect(try await Self.post(address + "/votes", vote).status == 200)
    }
    server.send(SIGTERM)
    #expect(try server.outcome().succeeded().output.isEmpty)

    let arguments = [
      "dpo", "--model", "before", "--data", "votes.jsonl", "--output", "run", "--threads", "1", "--batch-size", "2",
    ]
    try place.run(arguments).succeeded()
    let first = try #require(place.metrics("run").first)
    #expect(abs(try #require(first["loss"]?.double) - 0.6931472) < 1e-6)
    #expect(try place.text("votes.jsonl").split(separator: "\n").count == 2)
  }

  @Test func terminationFinishesWhatRuns() async throws {
    let (server, address) = try serve([Workplace.model, "--max-tokens", "500"])
    defer { server.send(SIGKILL) }
    async let answer = Self.post(address + "/v1/chat/completions", Self.chat(400))
    let metrics = try #require(URL(string: address + "/metrics"))
    var isUnderWay = false
    while !isUnderWay {
      let (data, _) = try await URLSession.shared.data(from: metrics)
      let text = String(decoding: data, as: UTF8.self)
      // It may have ended before it was seen.
      isUnderWay = text.contains("caravan_answers_in_flight 1\n") || text.contains("/v1/chat/completions")
    }
    server.send(SIGTERM)
    let (status, reply) = try await answer
    #expect(status == 200)
    #expect(try #require(reply["usage"]?["completion_tokens"]?.int) > 0)
    try server.outcome().succeeded()
  }

  /// Whether a server's scores are those of `caravan score`, to the last digit, and its judge refuses from its threshold on.
  @Test func aRewardModelScoresAndModerates() async throws {
    try place.run(
      [
        "reward", "--model", Workplace.model, "--data", Workplace.pairs, "--output", "judge", "--threads", "1",
        "--batch-size", "8", "--learning-rate", "2e-3", "--epochs", "1",
      ]
    ).succeeded()
    let messages: JSON = [["role": "user", "content": "Name 3."], ["role": "assistant", "content": "It is 3."]]
    try place.write("answers.jsonl", (["messages": messages] as JSON).text + "\n")
    let scored = try place.run(["score", "--model", "judge", "--data", "answers.jsonl", "--threads", "1"]).succeeded()
    let expected = try JSON(parsing: String(scored.output.split(separator: "\n")[0]))["reward"]

    let (server, address) = try serve([
      Workplace.model, "--reward", "judge", "--moderation", "judge", "--moderation-threshold", "1e-9",
    ])
    defer { server.send(SIGKILL) }
    let score = try await Self.post(address + "/v1/score", ["messages": messages])
    #expect(score.status == 200 && score.body["rewards"]?.array?.first == expected)
    let verdict = try await Self.post(address + "/v1/moderations", ["input": "Hello."])
    #expect(verdict.body["model"] == "judge" && verdict.body["results"]?.array?.first?["flagged"] == true)
    let answer = try await Self.post(address + "/v1/chat/completions", Self.chat(4))
    #expect(answer.status == 200)
    #expect(answer.body["choices"]?.array?.first?["finish_reason"] == "content_filter")
    // A judge that lets everything pass changes no answer; a text longer than its context is judged in parts.
    let (open, openAddress) = try serve([Workplace.model, "--moderation", "judge", "--moderation-threshold", "1"])
    defer { open.send(SIGKILL) }
    let generated = try place.run(
      ["generate", "--threads", "1", "--model", Workplace.model, "--max-tokens", "4", "Hello."])
    let reply = try await Self.post(openAddress + "/v1/chat/completions", Self.chat(4))
    #expect(
      reply.body["choices"]?.array?.first?["message"]?["content"]?.string
        == String(generated.succeeded().output.dropLast()))
    let long: JSON = ["input": .string(String(repeating: "Name a number. ", count: 2000))]
    #expect(try await Self.post(openAddress + "/v1/moderations", long).status == 200)
  }

  /// What several labels are worth is the softmax of the logits that transformers has; any number of tokens is judged.
  @Test func aClassifierOfSeveralLabelsModerates() async throws {
    let folder = Workplace.fixtures.appending(path: "classifier")
    let first = try JSON(parsing: Array(Data(contentsOf: folder.appending(path: "logits.json")))).array?.first
    let text = try #require(first?["text"]?.string)
    let powers = (first?["logits"]?.array ?? []).compactMap(\.double).map { exp($0) }
    let (server, address) = try serve(["--moderation", folder.path, "--moderation-unsafe", "rude"])
    defer { server.send(SIGKILL) }
    let reply = try await Self.post(address + "/v1/moderations", ["input": .string(text)])
    let scores = reply.body["results"]?.array?.first?["category_scores"]
    #expect(scores?.object?.count == 1)
    #expect(abs((scores?["rude"]?.double ?? .nan) - powers[1] / powers.reduce(0, +)) < 1e-5)
    let long = String(repeating: text + " ", count: 1000)
    #expect(try await Self.post(address + "/v1/moderations", ["input": .string(long)]).status == 200)
  }

  @Test func judgesThatCannotBe() throws {
    let moderated = ["serve", Workplace.model, "--moderation"]
    try place.run(moderated + [Workplace.model]).failed(
      1,
      "\(Workplace.model): is no classifier of texts (LlamaForCausalLM); name a model for sequence classification")
    try place.run(moderated + ["http://"]).failed(
      64,
      "--moderation: the address of a moderation service begins with http:// or https:// and names a host")
    try place.run(moderated + ["http://127.0.0.1:1", "--moderation-threshold", "0.2"]).failed(
      64,
      "--moderation-threshold and --moderation-unsafe are for classifiers; a service decides by itself")
    for value in ["0", "nan", "1.5"] {
      #expect(try place.run(moderated + ["judge", "--moderation-threshold", value]).status == 64)
    }
    try place.run(["serve", Workplace.model, "--moderation-unsafe", "a"]).failed(
      64, "--moderation-threshold and --moderation-unsafe need --moderation")
    try place.run(["serve"]).failed(64, "name one model, or two to compare; found 0")
  }

  @Test func whatCannotBeServedIsSaidBeforeAnythingLoads() throws {
    try place.run(["serve", "nothing"]).failed(1, "\(place.url("nothing").path): there is no such folder")
    try place.run(["serve", Workplace.model, "--votes", "v.jsonl"]).failed(
      64, "--votes needs two models to be compared")
    try place.write("votes.jsonl", "better: the first\n")
    try place.run(["serve", Workplace.model, Workplace.model, "--votes", "votes.jsonl"]).failed(
      1, "votes.jsonl:1 is not JSON; --votes takes a file of lines of JSON")
    try place.run(["serve", Workplace.model, "--port", "70000"]).failed(64, "--port must be from 0 to 65535, not 70000")
    try place.run(["serve", Workplace.model, "--api-key-file", "key.txt"]).failed(
      1, "key.txt: cannot be read; --api-key-file names a file with the key")
  }
}
