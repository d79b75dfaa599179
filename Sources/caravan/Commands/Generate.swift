import Alignment
import ArgumentParser
import Datasets
import Foundation
import Inference
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
    let batch = AnswerBatch(model: try InferenceModel(folder), tokenizer: format.tokenizer)
    let stops = Set(
      folder.generationConfig.eosTokenIDs.map { Int32(clamping: $0) } + [format.tokenizer.eos].compactMap(\.self))
    for (index, prompt) in prompts.enumerated() {
      var request = GenerationRequest(prompt: prompt)
      request.sampling = SamplingParameters(temperature: temperature, seed: seed &+ UInt64(index))
      request.stopTokens = stops
      request.maximumTokens = maxTokens
      // Raw text is continued where it stands, so it is shown with its beginning.
      if raw { try output(format.tokenizer.decode(prompt)) }
      _ = try batch.add(request)
      while !batch.isIdle {
        for case (_, .part(let text, _)) in try batch.step() { try output(text) }
      }
      try output("\n")
    }
  }
}
