import Alignment
import ArgumentParser
import Datasets
import Foundation
import Llama
import Text

/// `caravan generate`: answers prompts.
struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Answers prompts, or continues raw text.",
    usage: "caravan generate --model <folder> [<options>] <prompt> ...",
    discussion: """
      Examples:
        caravan generate --model assistant-dpo "What is a caravan?"
        caravan generate --model stories260K --raw --bos always "Once upon a time"
        caravan generate --model assistant-dpo --temperature 0.7 "A name for a cat?"
      """)

  @OptionGroup(title: "Model") var model: ModelOptions

  @Flag(help: "Continue the text as it is, without the chat template.")
  var raw = false

  @Option(help: "How freely tokens are chosen; 0 always takes the most probable.")
  var temperature = 0.0

  @Option(help: "The most tokens of an answer.")
  var maxTokens = 512

  @Option(help: "The seed of all that is random: the same seed, the same result.")
  var seed: UInt64 = 42

  @OptionGroup(title: "Machine") var compute: ComputeOptions

  @Argument(help: ArgumentHelp("The prompts, each answered by itself.", valueName: "prompt"))
  var prompts: [String]

  func validate() throws {
    guard temperature >= 0, temperature.isFinite else {
      throw ValidationError("--temperature must be at least 0, not \(temperature)")
    }
    guard (1...1_000_000).contains(maxTokens) else {
      throw ValidationError("--max-tokens must be from 1 to 1000000, not \(maxTokens)")
    }
  }

  func run() throws {
    let (folder, format) = (try model.folder(), try model.format())
    let prompts = try prompts.map { prompt in
      raw
        ? format.tokens(prompt)
        : try format.tokens([Message(role: "user", content: prompt)], addingGenerationPrompt: true)
    }
    for (index, prompt) in prompts.enumerated() {
      guard !prompt.isEmpty else {
        throw AlignmentError("prompt \(index + 1) is empty; --bos always lets the model begin a text by itself")
      }
      if let token = prompt.first(where: { $0 >= folder.config.vocabularySize }) {
        throw AlignmentError(
          "the tokenizer writes token \(token), but the model has \(folder.config.vocabularySize); "
            + "use the tokenizer that belongs to the model")
      }
    }
    try compute.start()
    let model = try LlamaModel(folder, training: false, dtype: compute.dtype)
    let stops = Set(
      folder.generationConfig.eosTokenIDs.map { Int32(clamping: $0) } + [format.tokenizer.eos].compactMap(\.self))
    let generation = Generation(
      model: model, sampler: Sampler(temperature: temperature), stops: stops, maximumTokens: maxTokens)

    for (index, prompt) in prompts.enumerated() {
      var generator = SplitMix64(seed: seed &+ UInt64(index))
      // Raw text is continued where it stands, so it is shown with its beginning.
      var decoder = format.tokenizer.streamingDecoder()
      if raw { try output(prompt.map { decoder.append($0) }.joined()) }
      var failure: OutputError?
      _ = try generation([prompt], using: &generator) { _, token in
        do throws(OutputError) { try output(decoder.append(token)) } catch { failure = error }
        return failure == nil
      }
      if let failure { throw failure }
      try output(decoder.finish() + "\n")
    }
  }
}
