import Alignment
import Inference
import JSON
import Llama
import ModelFiles
import Torch
import Training
import Wording

/// Answers that a trained model gives to held-out prompts, and what they say of it.
struct SampledAnswers {
  /// Longer answers are cut, and the share of them is told.
  static let maximumTokens = 256
  /// The names of the figures.
  static let (length, cut, divergence) = ("answers/length", "answers/cut", "answers/kl")

  private let prompts: [[Int32]]
  private let asked: Int
  private let stopTokens: Set<Int32>
  private let seed: UInt64
  private let reference: ModelFolder?
  private let context: RunContext

  /// Answers to the first prompts of some examples; equal ones are answered once.
  /// - Parameter reference: the model that the trained one is compared with, as it was at first, where there is one.
  init(
    of examples: [TrainingExample], count: Int, stopTokens: Set<Int32>, seed: UInt64, reference: ModelFolder?,
    _ context: RunContext
  ) {
    var (prompts, known): ([[Int32]], Set<[Int32]>) = ([], [])
    for example in examples where prompts.count < count {
      guard let (prompt, answer) = example.sequences.first?.split else { continue }
      guard !prompt.tokens.isEmpty, !answer.tokens.isEmpty else { continue }
      if known.insert(prompt.tokens).inserted { prompts.append(prompt.tokens) }
    }
    self.prompts = prompts
    asked = count
    self.stopTokens = stopTokens
    self.seed = seed
    self.reference = reference
    self.context = context
  }

  /// The mean length of the answers in tokens, the share that was cut, and the mean over them of Σ KL(π ‖ π_ref), the divergences of
  /// the next token's distributions along the answer.
  ///
  /// The answers are samples of the model itself, as it is at temperature 1. By the chain rule that mean is an unbiased estimate of
  /// the divergence of whole answers of at most `maximumTokens` tokens, in nats, of less variance than the mean of their log-ratios.
  func measure(_ model: LlamaModel) throws -> TextKeyed<Double> {
    let policy = try Policy(model).answering
    // Training has its memory already.
    let affordable = SystemMemory.available / 4 / policy.cacheBytesPerToken
    let limits = ContinuousBatch.Limits(cachedTokens: min(ContinuousBatch.Limits().cachedTokens, affordable))
    let prompts = prompts.filter {
      $0.count < policy.contextLength && $0.count + Self.maximumTokens <= limits.cachedTokens
    }
    if prompts.count < asked {
      try context.remark(
        "\(prompts.count) of \(asked) answers: there are no more held-out prompts that can be answered")
    }
    try context.remark("answering \(prompts.count) held-out prompts")
    guard !prompts.isEmpty else { return [:] }
    let answers = try answers(of: policy, limits, to: prompts)
    let count = Double(answers.count)
    var figures: TextKeyed<Double> = [
      Self.length: answers.reduce(0) { $0 + Double($1.length) } / count,
      Self.cut: Double(answers.count(where: \.isCut)) / count,
    ]
    guard let reference else { return figures }
    guard 4 * ParameterLayout(reference.config).count < SystemMemory.available else {
      try context.remark("the answers' divergence is not measured: there is no memory for the reference")
      return figures
    }
    guard reference.config.vocabularySize == policy.config.vocabularySize else {
      try context.remark("the answers' divergence is not measured: the reference has another vocabulary")
      return figures
    }
    let judge = try InferenceModel(reference)
    let sums = try zip(prompts, answers).map { prompt, answer in
      try policy.divergences(from: judge, of: prompt + answer.tokens, from: prompt.count).reduce(0, +)
    }
    figures[Self.divergence] = sums.reduce(0, +) / count
    return figures
  }

  private struct Answer {
    /// With the token that ended it.
    var tokens: [Int32] = []
    var length = 0
    var isCut = true
  }

  /// An answer to each prompt.
  /// - Throws: `RunInterruption` where the run was asked to stop.
  private func answers(
    of policy: InferenceModel, _ limits: ContinuousBatch.Limits, to prompts: [[Int32]]
  ) throws -> [Answer] {
    let batch = ContinuousBatch(model: policy, limits: limits)
    var answers = prompts.map { _ in Answer() }
    var places: [ContinuousBatch.ID: Int] = [:]
    for (place, prompt) in prompts.enumerated() {
      let sampling = SamplingParameters(temperature: 1, seed: seed &+ UInt64(place))
      let id = try batch.add(
        ContinuousBatch.Request(
          prompt: prompt, sampling: sampling, stopTokens: stopTokens, maximumTokens: Self.maximumTokens))
      places[id] = place
    }
    while !batch.isIdle {
      for event in try batch.step() {
        switch event {
        case .token(let id, let token):
          guard let place = places[id] else { continue }
          answers[place].tokens.append(token.id)
          answers[place].length += 1
        case .finished(let id, .stopToken(let token)):
          guard let place = places[id] else { continue }
          answers[place].tokens.append(token.id)
          answers[place].isCut = false
        default: break
        }
      }
      if context.observers.asksToStop { throw RunInterruption() }
    }
    return answers
  }
}
