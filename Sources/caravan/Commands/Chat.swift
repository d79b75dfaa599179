import ArgumentParser
import Datasets
import Foundation
import Inference
import JSON
import Terminal
import Text

/// `caravan chat`: a conversation at the terminal.
struct Chat: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chat",
    abstract: "Talks with a model in the terminal.",
    usage: "caravan chat --model <folder> [<options>]",
    discussion: """
      Ctrl-C stops an answer, Ctrl-D or /exit quits. /help lists the other commands.

      Examples:
        caravan chat --model assistant-dpo
        caravan chat --model assistant-dpo --system "Answer in one sentence."
      """)

  @OptionGroup(title: "Model") var model: ModelOptions

  @Option(help: ArgumentHelp("The system message at the start of the conversation.", valueName: "text"))
  var system: String?

  @OptionGroup(title: "Answers") var sampling: SamplingOptions
  @OptionGroup(title: "Machine") var inference: InferenceOptions
  @OptionGroup(title: "Machine") var compute: ComputeOptions

  func run() throws {
    let (folder, format) = (try model.folder(), try model.format())
    let model = try inference.model(folder, compute)
    let stops = format.stopTokens(of: folder)
    let batch = AnswerBatch(model: model, tokenizer: format.tokenizer, limits: .fitting(model, sequences: 1))
    AnswerInterruption.install()
    if isatty(STDIN_FILENO) != 0 {
      ChatInput.editLines()
      note("Ctrl-C stops an answer, Ctrl-D or /exit quits; /help lists the other commands.")
    }

    var conversation = ChatConversation(system: system)
    var turn: UInt64 = 0
    while !conversation.hasEnded, let input = ChatInput.read() {
      do {
        guard let messages = try conversation.take(input) else { continue }
        turn += 1
        let tokens = try format.tokens(messages, addingGenerationPrompt: true)
        conversation.add(answer: try answer(tokens, batch, stops, seed: sampling.seed &+ turn))
      } catch let error as OutputError {
        throw error
      } catch {
        conversation.takeBack()
        note("\(error)\(error is InferenceError ? "; /reset begins a new conversation" : "")")
      }
    }
    if isatty(STDIN_FILENO) != 0 && !conversation.hasEnded { note("") }
  }

  /// Answers as it writes; what was written when Ctrl-C came is the answer.
  private func answer(_ prompt: [Int32], _ batch: AnswerBatch, _ stops: Set<Int32>, seed: UInt64) throws -> String {
    let id = try batch.add(sampling.request(prompt, stops: stops, temperature: 0.7, seed: seed))
    var (text, reason) = ("", "")
    AnswerInterruption.begin()
    defer { AnswerInterruption.end() }
    while !batch.isIdle {
      for (_, event) in try batch.step() {
        switch event {
        case .prompt: break
        case .part(let part, _):
          text += part
          try output(shown(part))
        case .finished(let end):
          if end.reason == .length { reason = "the answer was cut: --max-tokens or the model's context is reached" }
        }
      }
      if AnswerInterruption.isRequested {
        batch.cancel(id)
        reason = "stopped"
      }
    }
    try output("\n")
    if !reason.isEmpty { note("[\(reason)]") }
    return text
  }

  /// What a terminal is given: a model's control characters must not steer it.
  private func shown(_ text: String) -> String {
    guard isatty(STDOUT_FILENO) != 0 else { return text }
    return String(
      String.UnicodeScalarView(
        text.unicodeScalars.filter { $0.properties.generalCategory != .control || $0 == "\n" || $0 == "\t" }))
  }
}
