import Collectives
import Datasets
import Inference
import Llama
import Torch
import Training

/// Has a policy answer prompts with the weights that it has now, several answers each.
///
/// All sequences of a rollout run in one continuous batch, and a prompt is read once for all its answers. A token depends on the
/// weights, the seed and its place alone: whatever else is in the batch, the answers are the same.
public struct AnswerSampler {
  /// How answers are drawn.
  public struct Settings: Sendable, Equatable {
    /// Answers to each prompt.
    public var groupSize = 8
    /// How tokens are chosen; each answer has a seed of its own.
    public var sampling = SamplingParameters(temperature: 1)
    /// What the logits are divided by before the log-probabilities that answers carry; nil where nobody reads them, and
    /// answers carry none.
    public var comparedTemperature: Double?
    /// The most tokens of an answer, the one that ends it included.
    public var maximumTokens = 512
    /// Tokens that end an answer.
    public var stopTokens: Set<Int32> = []
    /// The seed of all answers.
    public var seed: UInt64 = 42

    /// Eight answers of at most 512 tokens at temperature 1.
    public init() {}
  }

  private let policy: Policy
  let settings: Settings
  /// Who shares the work.
  let ranks: any Communicator
  /// The most sequences that run at once.
  package static let sequences = 64

  /// Answers of a policy.
  /// - Parameter ranks: the processes that answer together, each some of the prompts.
  public init(_ policy: Policy, _ settings: Settings, among ranks: any Communicator = OneProcess()) {
    (self.policy, self.settings, self.ranks) = (policy, settings, ranks)
  }

  /// The answers to each prompt. The policy is refreshed before.
  /// - Parameters:
  ///   - rollout: the rollout's number; each has other seeds.
  ///   - progress: called with the number of answers that are given; what it throws ends the work.
  public func answers(
    to prompts: [[Int32]], rollout: Int, progress: (_ done: Int, _ total: Int) throws -> Void
  ) throws -> [[SampledAnswer]] {
    try policy.refresh()
    let size = settings.groupSize
    let own = (0..<ranks.count).map {
      size * (prompts.count * $0 / ranks.count)..<size * (prompts.count * ($0 + 1) / ranks.count)
    }
    let total = own[ranks.rank].count
    var seeds = SplitMix64(seed: settings.seed &+ UInt64(bitPattern: Int64(rollout)) &* 0x9E37_79B9_7F4A_7C15)
    let batch = ContinuousBatch(model: policy.answering, limits: limits(for: prompts))
    var places: [ContinuousBatch.ID: Int] = [:]
    for place in 0..<prompts.count * size {
      let seed = seeds.next()
      guard own[ranks.rank].contains(place) else { continue }
      var request = ContinuousBatch.Request(
        prompt: prompts[place / size], sampling: settings.sampling, stopTokens: settings.stopTokens,
        maximumTokens: settings.maximumTokens)
      request.sampling.seed = seed
      request.logProbabilityTemperature = Float(settings.comparedTemperature ?? 1)
      places[try batch.add(request)] = place
    }
    var tokens = [[GeneratedToken]](repeating: [], count: prompts.count * size)
    var (hasEnded, done) = ([Bool](repeating: false, count: tokens.count), 0)
    try ranks.interruptedTogether {
      while !batch.isIdle {
        for event in try batch.step() {
          switch event {
          case .token(let id, let token): if let place = places[id] { tokens[place].append(token) }
          case .finished(let id, let reason):
            guard let place = places[id] else { continue }
            if case .stopToken(let token) = reason {
              tokens[place].append(token)
              hasEnded[place] = true
            }
            done += 1
          case .prompt: break
          }
        }
        try progress(done, total)
      }
    }
    let answers = try ranks.gather(
      own[ranks.rank].map { place in
        SampledAnswer(
          tokens: tokens[place].map(\.id), hasEnded: hasEnded[place],
          logProbabilities: settings.comparedTemperature == nil ? [] : tokens[place].map(\.logProbability))
      })
    return prompts.indices.map { Array(answers[$0 * size..<($0 + 1) * size]) }
  }

  /// As many sequences at once as a quarter of the free memory holds, and at least one.
  private func limits(for prompts: [[Int32]]) -> ContinuousBatch.Limits {
    let longest = (prompts.map(\.count).max() ?? 0) + settings.maximumTokens
    let affordable = SystemMemory.available / 4 / policy.answering.cacheBytesPerToken
    return ContinuousBatch.Limits(
      sequences: Self.sequences, cachedTokens: max(longest, min(Self.sequences * longest, affordable)))
  }
}

extension Communicator {
  /// The answers of all ranks, one rank's after the other's.
  fileprivate func gather(_ answers: [SampledAnswer]) throws -> [SampledAnswer] {
    // Each as its length, whether it has ended, its tokens, and the bits of their log-probabilities where it carries them.
    let told = answers.flatMap { answer -> [Int32] in
      [Int32(answer.tokens.count), answer.hasEnded ? 1 : 0, Int32(answer.logProbabilities.count)] + answer.tokens
        + answer.logProbabilities.map { Int32(bitPattern: $0.bitPattern) }
    }
    return try gather(told).flatMap { told -> [SampledAnswer] in
      var (rest, answers) = (told[...], [SampledAnswer]())
      while let count = rest.popFirst(), let hasEnded = rest.popFirst(), let numberCount = rest.popFirst() {
        let tokens = Array(rest.prefix(Int(count)))
        rest = rest.dropFirst(Int(count))
        let numbers = rest.prefix(Int(numberCount)).map { Float(bitPattern: UInt32(bitPattern: $0)) }
        rest = rest.dropFirst(Int(numberCount))
        answers.append(SampledAnswer(tokens: tokens, hasEnded: hasEnded == 1, logProbabilities: numbers))
      }
      return answers
    }
  }
}
