import Foundation
import JSON
import TestSupport
import Testing

/// Inputs from public reports about trainers, each with what is right for it; skipped where their folder is absent.
@Suite(.enabled(if: casesAreThere)) struct SharedCasesTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  private static func path(_ name: String) -> String { Checkout.shared(name).path }
  private static func template(_ name: String) -> [String] {
    ["--chat-template", path(name.contains("/") ? name : "real/chat-templates/\(name).jinja")]
  }
  private static let thoughts = template("cases/templates/drops-earlier-thoughts.jinja")
  private static let stories = ["--model", path("real/stories260K")]

  /// GPT-2's tokenizer with the markers of chat formats, and a configuration; weights are not needed to look at tokens.
  private func makeChatBase() throws {
    let file = Checkout.shared("real/gpt2-tokenizer/tokenizer.json")
    var json = try #require(JSON(parsing: [UInt8](Data(contentsOf: file))).object)
    let markers = ["<|im_start|>", "<|im_end|>", "<think>", "</think>", "[INST]", "[/INST]"]
    let added = markers.enumerated().map {
      ["id": .integer(50257 + $0), "content": .string($1), "special": true] as JSON
    }
    json["added_tokens"] = .array((json["added_tokens"]?.array ?? []) + added)
    try place.write("base/tokenizer.json", JSON.object(json).text)
    try place.write(
      "base/tokenizer_config.json", #"{"bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>"}"#)
    try place.write(
      "base/config.json",
      """
      {"model_type": "llama", "vocab_size": 50263, "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1,
       "num_attention_heads": 1, "max_position_embeddings": 512}
      """)
  }

  private func preview(_ record: String, _ options: [String] = ["--model", "base"]) throws -> Outcome {
    if options.contains("base") { try makeChatBase() }
    return try place.run(
      ["data", "preview", "--data", Self.path("cases/records/\(record).jsonl"), "--count", "5"] + options)
  }

  @Test(arguments: [
    ("think-multiturn", thoughts, "26 scored", "leaves out or changes a part of what is said"),
    (
      "system-then-two-turns", template("mistralai-Mistral-Nemo-Instruct-2407"), " 6 scored",
      "the prompt's text is not a prefix of the whole"
    ),
    ("tool-call-empty-content", template("Qwen-Qwen2.5-7B-Instruct"), "41 scored", nil),
    ("tool-call-null-content", template("meta-llama-Llama-3.1-8B-Instruct"), "39 scored", nil),
    ("message-weight-zero", ["--chat-template", "chatml"], " 6 scored", "[Sorry·,· four·.·<|im_end|>·\\n]"),
    ("say-hi", template("cases/templates/always-opens-an-answer.jinja"), " 7 scored", "[hi·<·|·e·ot·_·id]"),
  ])
  func scoredTokens(record: String, options: [String], scored: String, said: String?) throws {
    let outcome = try preview(record, ["--model", "base"] + options).succeeded()
    #expect(outcome.output.contains(scored), "\(outcome)")
    if let said { #expect(outcome.output.contains(said), "\(outcome)") }
  }

  @Test func recordsThatAreJudgedByTheirTokens() throws {
    let same = try preview("same-after-cutting-at-128", Self.stories + ["--max-length", "128"]).succeeded()
    #expect(same.output.contains("kept 1: both answers are the same tokens, which teaches nothing"))
    let long = try preview("longer-than-512", Self.stories).succeeded()
    #expect(long.output.contains("longer than 512 tokens; cut there"))
    let beyond = try preview("longer-than-512", Self.stories + ["--max-length", "4096"]).succeeded()
    #expect(beyond.output.contains("longer than the 512 tokens that the model is made for"))
    let ends = try preview("eos-in-the-text", Self.stories).succeeded()
    #expect(ends.output.components(separatedBy: "a text itself holds a special token").count == 3)
    let refused = try preview(
      "one-good-two-refused-by-template", ["--model", "base", "--skip-invalid"] + Self.template("google-gemma-2-2b-it")
    ).succeeded()
    #expect(refused.output.contains("System role not supported"))
    #expect(refused.output.contains("Conversation roles must alternate"))
    try preview("prompt-list-not-repeated").failed(
      1,
      "\(Self.path("cases/records/prompt-list-not-repeated.jsonl")):1: 'chosen' begins with the role 'user' and so should "
        + "repeat 'prompt', but its message 1 is of the role 'user', the prompt's of 'system'; an answer begins with the "
        + "assistant")
  }

  @Test func answersWithoutAnEnd() throws {
    let outcome = try place.run(
      ["sft", "--data", Self.path("cases/records/say-hi.jsonl"), "--max-steps", "1", "--output", "run"] + Self.stories
        + Self.template("cases/templates/writes-no-end.jinja")
    ).succeeded()
    #expect(outcome.errors.contains("answers have no end to learn that could stop the model"))
  }

  @Test func aColumnThatIsNullThroughout() throws {
    try place.run(["data", "stats", "--data", Self.path("cases/parquet/gzip_null_column.parquet")]).succeeded()
  }
}

private let casesAreThere = FileManager.default.fileExists(atPath: Checkout.shared("cases/records").path)
