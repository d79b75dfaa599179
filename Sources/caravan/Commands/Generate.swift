import Alignment
import ArgumentParser
import Datasets
import Foundation
import Inference
import JSON
import Recipes
import Reporting
import Rollouts
import Terminal
import Text

/// `caravan generate`: answers prompts, many at a time.
struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Answers prompts, or continues raw text.",
    usage: "caravan generate --model <folder> [<options>] [<prompt> ...]",
    discussion: """
      Prompts are the arguments or the records of --data. Without either, standard input is one prompt.

      Examples:
        caravan generate --model assistant-dpo "What is a caravan?"
        caravan generate --model stories260K --raw --bos always "Once upon a time"
        caravan generate --model assistant-dpo --data prompts.jsonl --jsonl
        caravan generate --model assistant-dpo --answers 4 --temperature 0.7 "A cat?"
        caravan generate --model MODEL --best-of 8 --reward judge --temperature 1 Hi
      """)

  @OptionGroup(title: "Model") var model: ModelOptions

  @Option(
    parsing: .upToNextOption,
    help: DataSettings.help("data"))
  var data: [String] = []

  @Flag(help: "Continue the text as it is, without the chat template.")
  var raw = false

  @Option(help: "How many answers to give to each prompt.")
  var answers = 1

  @Option(
    help: ArgumentHelp(
      "Give so many answers to each prompt, and write the one with the highest --reward; with --jsonl, the rewards of all too.",
      valueName: "count"))
  var bestOf: Int?

  @Option(help: ArgumentHelp("What answers are worth: \(RewardName.forms).", valueName: "name"))
  var reward: String?

  @Flag(help: "Write each answer as a line of JSON with prompt, completion, finish_reason and tokens.")
  var jsonl = false

  @Option(help: "The most answers that a model generates at once; others wait.")
  var batch = 16

  @OptionGroup(title: "Answers") var sampling: SamplingOptions
  @OptionGroup(title: "Machine") var inference: InferenceOptions
  @OptionGroup(title: "Machine") var compute: ComputeOptions

  @Argument(help: ArgumentHelp("The prompts; each is answered separately.", valueName: "prompt"))
  var prompts: [String] = []

  func validate() throws {
    guard (1...10_000).contains(answers) else {
      throw ValidationError("--answers must be from 1 to 10000, not \(answers)")
    }
    try validateBest()
    guard (1...1024).contains(batch) else { throw ValidationError("--batch must be from 1 to 1024, not \(batch)") }
    guard data.isEmpty || prompts.isEmpty else { throw ValidationError("give prompts or --data, not both") }
    guard !data.isEmpty || !prompts.isEmpty || isatty(STDIN_FILENO) == 0 else {
      throw ValidationError("there is no prompt: give some as arguments, by --data, or on standard input")
    }
  }

  private func validateBest() throws {
    guard (bestOf == nil) == (reward == nil) else { throw ValidationError("--best-of and --reward need each other") }
    guard let bestOf, let reward else { return }
    guard (2...1000).contains(bestOf) else {
      throw ValidationError("--best-of must be from 2 to 1000, not \(bestOf)")
    }
    guard answers == 1, !raw else { throw ValidationError("--best-of goes neither with --answers nor with --raw") }
    guard sampling.temperature ?? 0 > 0 else {
      throw ValidationError("--best-of needs a --temperature above 0: without it all answers are the same")
    }
    try checkReward(named: reward, option: "--reward")
  }

  func run() throws {
    let (folder, format) = (try model.folder(), try model.format())
    let prompts = try readPrompts(format)
    for (index, prompt) in prompts.enumerated() {
      do {
        try ContinuousBatch.check(ContinuousBatch.Request(prompt: prompt.tokens), for: folder.config)
      } catch { throw AlignmentError("prompt \(index + 1): \(error)") }
    }
    let model = try inference.model(folder, compute)
    let stops = format.stopTokens(of: folder, inConversation: !raw)
    let batch = AnswerBatch(model: model, tokenizer: format.tokenizer, limits: .fitting(model, sequences: batch))
    let answers = bestOf ?? self.answers
    var writer = AnswerWriter(prompts: prompts, answers: answers, asJSON: jsonl, isRaw: raw)
    var best = try reward.map {
      BestAnswers(
        prompts: prompts, count: answers, reward: try caravan.reward(named: $0, for: prompts.map(\.columns), compute),
        asJSON: jsonl)
    }
    var places: [ContinuousBatch.ID: Int] = [:]
    for place in 0..<prompts.count * answers {
      var request = sampling.request(
        prompts[place / answers].tokens, stops: stops, temperature: 0, seed: sampling.seed &+ UInt64(place))
      request.continuesText = raw
      places[try batch.add(request)] = place
    }
    var progress = ProgressLine("answering", total: places.count, unit: "answers")
    var done = 0
    while !batch.isIdle {
      for (id, event) in try batch.step() {
        guard let place = places[id] else { continue }
        if case .finished(let end) = event {
          done += 1
          // An answer that --max-tokens cuts was asked to be cut; one that the context cuts was not.
          if end.reason == .length, end.answerTokens < sampling.maxTokens {
            note(
              "prompt \(place / answers + 1): the answer stops at the model's context of \(model.contextLength) tokens")
          }
        }
        if best == nil { try writer.take(event, at: place) } else { try best?.take(event, at: place) }
      }
      if places.count > 1, data.count + (jsonl ? 1 : 0) > 0 { progress.update(done: done) }
    }
  }

  private func readPrompts(_ format: ChatFormat) throws -> [AnswerWriter.Prompt] {
    var records: [(messages: [Message], context: ChatContext, columns: JSON)] = prompts.map {
      ([Message(role: "user", content: $0)], ChatContext(), [:])
    }
    if !data.isEmpty {
      let reader = try DatasetReader<PromptRecord>(Named.data(data))
      records = try reader.readAll().map { ($0.messages, $0.context, $0.columns) }
    } else if records.isEmpty {
      var text = String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self)
      if text.last?.isNewline == true { text.removeLast() }
      records = [([Message(role: "user", content: text)], ChatContext(), [:])]
    }
    return try records.map { messages, context, columns in
      guard raw else {
        return AnswerWriter.Prompt(
          messages: messages, text: "", tokens: try format.tokens(messages, context, addingGenerationPrompt: true),
          columns: columns)
      }
      // Of messages, raw text is what they say, one after the other.
      let text = messages.map(\.content).joined(separator: "\n")
      return AnswerWriter.Prompt(messages: messages, text: text, tokens: format.tokens(text))
    }
  }
}
