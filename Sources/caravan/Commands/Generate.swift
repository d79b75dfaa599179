import Alignment
import ArgumentParser
import Datasets
import Foundation
import Llama
import Text

/// `caravan generate`: answers prompts.
struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Answers prompts, or continues raw text.",
    discussion: """
      Examples:
        caravan generate --model assistant-dpo "What is a caravan?"
        caravan generate --model stories260K --raw --max-tokens 200 "Once upon a time"
        caravan generate --model assistant-dpo --temperature 0.7 --seed 1 "A name for a cat?" "And for a dog?"
      """)

  @OptionGroup var model: ModelOptions

  @Flag(help: "Continue the text as it is, without the chat template.")
  var raw = false

  @Option(help: "How freely tokens are chosen; 0 always takes the most probable.")
  var temperature = 0.0

  @Option(help: "The most tokens of an answer.")
  var maxTokens = 512

  @Option(help: "The seed of the choices.")
  var seed: UInt64 = 42

  @OptionGroup var compute: ComputeOptions

  @Argument(help: "The prompts.")
  var prompts: [String]

  func validate() throws {
    guard temperature >= 0, temperature.isFinite else {
      throw ValidationError("--temperature must be at least 0, not \(temperature)")
    }
    guard maxTokens >= 1 else { throw ValidationError("--max-tokens must be at least 1, not \(maxTokens)") }
  }

  func run() throws {
    let (folder, format) = (try model.folder(), try model.format())
    let prompts = try prompts.map { prompt in
      raw
        ? format.tokens(prompt)
        : try format.tokens([Message(role: "user", content: prompt)], addingGenerationPrompt: true)
    }
    if let index = prompts.firstIndex(where: \.isEmpty) {
      throw ValidationError("prompt \(index + 1) is empty, and the tokenizer has no token that begins a text")
    }
    try compute.start()
    let model = try LlamaModel(folder, training: false)
    let stops = Set(
      folder.generationConfig.eosTokenIDs.map { Int32(clamping: $0) } + [format.tokenizer.eos].compactMap(\.self))
    let generation = Generation(
      model: model, sampler: Sampler(temperature: temperature), stops: stops, maximumTokens: maxTokens)

    for (index, prompt) in prompts.enumerated() {
      var generator = SplitMix64(seed: seed &+ UInt64(index))
      // Raw text is continued where it stands, so it is shown with its beginning.
      var decoder = format.tokenizer.streamingDecoder()
      var shown = raw ? prompt.map { decoder.append($0) }.joined() : ""
      write(shown)
      _ = try generation([prompt], using: &generator) { _, token in
        shown = decoder.append(token)
        write(shown)
        return true
      }
      write(decoder.finish() + "\n")
    }
  }

  private func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}
