import Alignment
import Datasets
import Inference
import Llama
import ModelFiles
import Parallel
import Rewards
import Synchronization
import Text
import Torch
import Training

/// A reward model as a reward: what it says of an answer is read at the token that ends it, as `caravan score` reads it.
///
/// Answers are written as its own chat template writes them, so that it need not share the policy's tokenizer. An answer that
/// did not end is read at its last token.
public final class ModelReward: Reward {
  /// The name in metrics: that of the model's folder.
  public let name: String
  private let builder: SequenceBuilder
  private let limits: SequenceBuilder.Limits
  private let ends: Set<Int32>
  private let microTokens: Int
  private let judge: Mutex<RewardModel>

  /// Loads a reward model.
  /// - Parameters:
  ///   - format: how it was taught conversations.
  ///   - type: how its matrices are kept.
  ///   - maximumLength: the most tokens of prompt and answer; without it as many as it is usually trained on.
  ///   - microTokens: the most tokens that are computed at once.
  /// - Throws: errors of the folder, where it is no reward model or its weights are not whole.
  public init(
    _ folder: ModelFolder, format: ChatFormat, keeping type: FrozenFormat = .float32, dtype: DType = .float32,
    maximumLength: Int? = nil, microTokens: Int = 2048
  ) throws {
    name = folder.url.lastPathComponent
    builder = try SequenceBuilder(format: format)
    limits = SequenceBuilder.Limits(
      maximumLength: maximumLength ?? folder.config.usualMaximumLength,
      vocabularySize: folder.config.vocabularySize)
    ends = format.stopTokens(of: folder)
    self.microTokens = microTokens
    judge = Mutex(try RewardModel(folder, keeping: type, dtype: dtype))
  }

  /// The model's scores. An answer that is too long for it, or that its template refuses, has none.
  public func rewards(for answers: [RewardedAnswer]) throws -> [RewardOutcome] {
    let read = answers.concurrentMap(sequence)
    let known = read.compactMap { try? $0.get() }
    var scores = try judge.withLock { try $0.rewards(of: known.map { [$0] }, microTokens: microTokens) }[...]
    return read.map { result in
      switch result {
      case .success: .reward(Double(scores.removeFirst()[0]))
      case .failure(let error): .failed(error.description)
      }
    }
  }

  private func sequence(_ answer: RewardedAnswer) -> Result<TokenSequence, RewardError> {
    let location = RecordLocation(file: name, line: 1)
    let context = (try? PromptRecord(json: answer.columns, location: location))?.context ?? ChatContext()
    let messages = answer.prompt + [Message(role: "assistant", content: answer.text)]
    do {
      let record = try RewardedRecord(
        .conversation(Conversation(messages: messages, context: context, location: location)), builder,
        limits: limits, endingWith: ends)
      guard let sequence = record.example?.sequences.first else {
        return .failure(
          RewardError("the reward model '\(name)' cannot read the answer: \(record.whyNot ?? "it is empty")"))
      }
      return .success(answer.hasEnded ? sequence : sequence.beforeEnd(ends))
    } catch {
      return .failure(RewardError("the reward model '\(name)' cannot read the answer: \(error)"))
    }
  }
}

extension TokenSequence {
  /// The sequence without the token that ends its answer.
  fileprivate func beforeEnd(_ ends: Set<Int32>) -> TokenSequence {
    guard let end = tokens.lastIndex(where: ends.contains), end > 0, isScored[end] else { return self }
    return prefix(end)
  }
}
