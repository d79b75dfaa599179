import Hashing
import Inference
import JSON
import Text

/// Puts a task's items to a model, and scores what it says.
///
///     let evaluator = Evaluator(model: model, format: format, stopTokens: stops, identity: try folder.fingerprint())
///     let result = task.result(of: try evaluator.run(task, try task.items(of: data)))
///
/// An answer depends on its item alone, not on what else is answered at the same time. It belongs to one thread at a time.
public final class Evaluator {
  /// What happened with a task's items.
  public struct Counts: Sendable, Equatable {
    /// Items whose answers were known.
    public var known = 0
    /// Prompts that were cut at their beginnings, since the model's context is shorter.
    public var cut = 0
    /// Prompts that lost solved examples for it.
    public var shortened = 0
  }

  let model: InferenceModel
  let format: ChatFormat
  private let stopTokens: Set<Int32>
  private let identity: String
  private let cache: AnswerCache
  private let batchSize: Int
  lazy var scorer = ContinuationScorer(model)
  /// What happened so far.
  public internal(set) var counts = Counts()

  /// - Parameters:
  ///   - stopTokens: those that end an answer.
  ///   - identity: what tells the model from all others, its fingerprint; answers are kept under it.
  ///   - cache: where answers are kept; by default in memory only.
  ///   - batchSize: how many answers are generated at once.
  public init(
    model: InferenceModel, format: ChatFormat, stopTokens: Set<Int32>, identity: String,
    cache: AnswerCache = AnswerCache(), batchSize: Int = 16
  ) {
    (self.model, self.format, self.stopTokens, self.identity) = (model, format, stopTokens, identity)
    (self.cache, self.batchSize) = (cache, max(1, batchSize))
  }

  /// Answers and scores items.
  /// - Parameter progress: is told how many of the items are answered; it may throw to stop, and what is answered is kept.
  /// - Throws: errors of the model, the cache and the task's scores.
  public func run(
    _ task: any EvaluationTask, _ items: [EvaluationItem], progress: (Int) throws -> Void = { _ in }
  ) throws -> [ScoredItem] {
    counts = Counts()
    let questions = try items.map { try question($0) }
    let keys = questions.map(\.key)
    // The same question is asked once, whoever asks it.
    var open: TextKeyed<Question> = [:]
    for question in questions where cache[question.key] == nil { open[question.key] = question }
    counts.known = keys.count { cache[$0] != nil }
    var done = counts.known
    try progress(done)
    let repeats = Dictionary(grouping: keys) { TextKey($0) }.mapValues(\.count)
    try ask(open.map(\.value)) { question, answer in
      try cache.keep(answer, for: question.key)
      done += repeats[TextKey(question.key)] ?? 1
      try progress(done)
    }
    return try zip(items.indices, questions).map { number, question in
      let answer = cache[question.key] ?? .texts([])
      let scores = try task.scores(of: answer, to: items[number])
      return ScoredItem(number: number, item: items[number], prompt: question.text, answer: answer, scores: scores)
    }
  }

  private func ask(_ questions: [Question], _ take: (Question, ModelAnswer) throws -> Void) throws {
    try weigh(questions.filter { if case .likelihoods = $0.item.request { true } else { false } }, take)
    try generate(
      questions.filter { if case .answer = $0.item.request { true } else { false } }, stopTokens, batchSize: batchSize,
      take)
  }

  /// A question as it is put.
  struct Question {
    let item: EvaluationItem
    /// The prompt.
    let text: String
    let tokens: [Int32]
    /// The SHA-256 of all that decides the answer.
    let key: String
  }

  private func question(_ item: EvaluationItem) throws -> Question {
    let room = model.contextLength
    // Answers may be long, but not take more than half of the context from the prompt.
    let most =
      switch item.request {
      case .answer(let decoding): max(room - decoding.maximumTokens, room / 2)
      case .likelihoods(let candidates):
        room - (candidates.map { format.tokens($0.beginning + $0.text).count }.max() ?? 0)
      case .rewards: throw EvaluationError("a language model gives no rewards; name a reward model")
      }
    var (text, tokens, shots) = try item.prompt.fitted(format, most: max(1, most))
    if shots < item.prompt.shots.count { counts.shortened += 1 }
    if tokens.count > most, case .answer = item.request {
      counts.cut += 1
      tokens = Array(tokens.suffix(max(1, most)))
    }
    let settings: JSON = [
      "model": .string(identity), "prompt": .array(tokens.map { .integer(Int($0)) }), "request": item.request.json,
      "stops": .array(stopTokens.sorted().map { .integer(Int($0)) }),
    ]
    return Question(item: item, text: text, tokens: tokens, key: Digest.sha256(settings.text.utf8).hexadecimal)
  }
}
