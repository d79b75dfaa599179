import Foundation
import JSON
import Testing

/// What ends the learned answers stops the trained model, and what training put before a text the written template writes.
@Suite struct EndingTests {
  private let place: Workplace
  private let learn = ["--epochs", "50", "--learning-rate", "1e-2", "--threads", "1", "--batch-size", "1"]

  init() throws {
    place = try Workplace()
    try place.write(
      "hi.jsonl", #"{"messages": [{"role": "user", "content": "Say hi"}, {"role": "assistant", "content": "hi"}]}"#)
  }

  private func sft(_ options: [String]) throws -> Outcome {
    try place.run(["sft", "--model", Workplace.model, "--data", "hi.jsonl", "--output", "run"] + options)
  }

  @Test func anotherEndThanTheBasesStopsTheModel() throws {
    try place.write(
      "template.jinja",
      "{% for m in messages %}{{ m.role ~ ':' ~ m.content ~ '<pad>' }}{% endfor %}"
        + "{% if add_generation_prompt %}{{ 'assistant:' }}{% endif %}")
    let outcome = try sft(learn + ["--chat-template", "template.jinja"]).succeeded()
    #expect(
      outcome.errors.contains("answers end with <pad> (token 0): the trained model's generation_config.json stops"))
    let config = try JSON(parsing: place.text("run/generation_config.json"))
    #expect(config["eos_token_id"] == [0, 2])
    let answer = try place.run(["generate", "--model", "run", "--jsonl", "--max-tokens", "40", "Say hi"]).succeeded()
    let line = try JSON(parsing: answer.output.trimmingCharacters(in: .newlines))
    #expect(line["completion"] == "hi" && line["finish_reason"] == "stop", "\(answer)")
    try place.run(["export", "gguf", "run", "--output", "run.gguf"]).succeeded()
    let gguf = try Data(contentsOf: place.url("run.gguf"))
    #expect(gguf.range(of: Data("tokenizer.ggml.eot_token_id".utf8)) != nil)
  }

  @Test func answersWithoutAnEndAreSaid() throws {
    try place.write("template.jinja", "{% for m in messages %}{{ m.role ~ ': ' ~ m.content ~ '\n' }}{% endfor %}")
    let outcome = try sft(["--max-steps", "1", "--chat-template", "template.jinja"]).succeeded()
    #expect(
      outcome.errors.contains(
        "answers have no end to learn that could stop the model: the chat template writes \"\\n\", which is plain text")
    )
  }

  @Test func theBeginningThatTrainingAddsIsWritten() throws {
    try place.write("template.jinja", "{% for m in messages %}{{ m.role ~ ': ' ~ m.content ~ eos_token }}{% endfor %}")
    let preview = ["data", "preview", "--data", "hi.jsonl", "--ids", "--model"]
    let format = ["--chat-template", "template.jinja", "--bos", "always"]
    try sft(["--max-steps", "1"] + format).succeeded()
    #expect(try place.text("run/chat_template.jinja").hasPrefix("{{ bos_token }}{% for m in messages %}"))
    // As other programs take it: what the template writes, and nothing more.
    #expect(
      try place.run(preview + ["run", "--bos", "never"]).succeeded().output
        == place.run(preview + [Workplace.model] + format).succeeded().output)
  }
}
