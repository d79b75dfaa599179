import Foundation
import ModelFiles
import Text
import Torch

/// A model's folder as something to ask: tokenizer, chat template and weights together.
///
///     let assistant = try Assistant(URL(filePath: "assistant-dpo"))
///     print(try assistant.answer("What is a caravan?"))
///
/// It belongs to one thread at a time. Many tasks at once are what `GenerationEngine` is for.
public final class Assistant {
  /// How conversations are written.
  public let format: ChatFormat
  private let batch: ContinuousBatch
  private let stopTokens: Set<Int32>

  /// Loads a model.
  /// - Parameter weights: how the weights are kept.
  /// - Throws: errors of the folder, its tokenizer and template; `TorchError` where libtorch is not found.
  public init(_ folder: URL, weights: WeightFormat = .float32) throws {
    try Libtorch.load(threads: nil)
    let model = try ModelFolder(folder)
    format = try ChatFormat(folder: ModelFolder.tokenizerFolder(folder), name: folder.lastPathComponent)
    stopTokens = format.stopTokens(of: model)
    batch = ContinuousBatch(model: try InferenceModel(model, format: weights))
  }

  /// The answer to a question.
  /// - Parameters:
  ///   - sampling: how tokens are chosen; without it, the most probable ones.
  ///   - maximumTokens: the most tokens of the answer.
  public func answer(
    _ question: String, sampling: SamplingParameters = SamplingParameters(temperature: 0), maximumTokens: Int = 256
  ) throws -> String {
    try answer([Message(role: "user", content: question)], sampling: sampling, maximumTokens: maximumTokens)
  }

  /// What the assistant says next in a conversation.
  public func answer(
    _ conversation: [Message], sampling: SamplingParameters = SamplingParameters(temperature: 0),
    maximumTokens: Int = 256
  ) throws -> String {
    try answers([conversation], sampling: sampling, maximumTokens: maximumTokens).first ?? ""
  }

  /// What the assistant says next in each of several conversations, which are answered together.
  /// - Parameter sampling: how tokens are chosen; its seed is that of the first answer, and one more for each that follows.
  public func answers(
    _ conversations: [[Message]], sampling: SamplingParameters = SamplingParameters(temperature: 0),
    maximumTokens: Int = 256
  ) throws -> [String] {
    let requests = try conversations.enumerated().map { place, conversation in
      var request = ContinuousBatch.Request(
        prompt: try format.tokens(conversation, addingGenerationPrompt: true), sampling: sampling,
        stopTokens: stopTokens, maximumTokens: maximumTokens)
      request.sampling.seed = sampling.seed.map { $0 &+ UInt64(place) }
      return request
    }
    return try batch.complete(requests).map { format.tokenizer.decode($0) }
  }
}

extension ChatFormat {
  /// The tokens that end a text of a model: those of its generation config, and its tokenizer's; in a conversation also the
  /// one that the chat template writes after answers.
  public func stopTokens(of folder: ModelFolder, inConversation: Bool = true) -> Set<Int32> {
    let ending = inConversation ? AnswerEnding(self)?.token : nil
    return Set(
      folder.generationConfig.eosTokenIDs.map { Int32(clamping: $0) } + [tokenizer.eos, ending].compactMap(\.self))
  }
}
