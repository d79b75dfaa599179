import ModelFiles

/// Says how probable texts are after others.
///
/// Many prompts are read in one pass, each once for all its continuations, and what several of them begin with is read once for
/// all of these; ask questions whose prompts begin alike one after the other. A score has the same bits whatever else is asked.
///
/// It belongs to one thread at a time.
public final class ContinuationScorer {
  /// Continuations of a prompt.
  public struct Question: Sendable {
    /// At least one token.
    public var prompt: [Int32]
    /// Each of at least one token.
    public var continuations: [[Int32]]

    /// How probable continuations are after a prompt.
    public init(_ continuations: [[Int32]], after prompt: [Int32]) {
      (self.prompt, self.continuations) = (prompt, continuations)
    }
  }

  /// What a model says of a continuation.
  public struct Score: Sendable, Equatable {
    /// The log-probability of each token, given those before it.
    public private(set) var logProbabilities: [Float] = []
    /// Whether each token is the most probable one.
    public private(set) var isGreedy = true

    mutating func append(_ token: Int32, _ row: LogitRow) {
      logProbabilities.append(row.logProbability(of: token))
      isGreedy = isGreedy && row.isGreedy(token)
    }
  }

  private let model: InferenceModel
  /// What prompts begin with.
  private var known: KeyValueCache?
  /// The most tokens whose keys and values are held for the questions of a pass.
  private let cachedTokens: Int
  /// The tokens that the model has read.
  package private(set) var readTokens = 0

  /// A scorer that nothing was asked yet.
  public init(_ model: InferenceModel) {
    self.model = model
    cachedTokens = ContinuousBatch.Limits.fitting(model, sequences: 64).cachedTokens
  }

  /// Refuses what the model cannot read.
  /// - Throws: `InferenceError` for what is empty, longer than the context, or holds a token that the model lacks.
  public func check(_ question: Question) throws(InferenceError) {
    guard !question.prompt.isEmpty else { throw InferenceError("the prompt is empty: there is nothing to continue") }
    for continuation in question.continuations {
      guard !continuation.isEmpty else { throw InferenceError("a continuation is empty") }
      var request = ContinuousBatch.Request(prompt: question.prompt + continuation, maximumTokens: 0)
      request.scoresPrompt = true
      try ContinuousBatch.check(request, for: model.config)
    }
  }

  /// Tells the scores of questions' continuations, each question's as soon as they are there.
  /// - Parameter take: gets a question's place and its scores; it may throw to stop.
  /// - Throws: what `check` and `take` throw.
  public func score(_ questions: [Question], _ take: (Int, [Score]) throws -> Void) throws {
    for question in questions { try check(question) }
    var scores = questions.map { $0.continuations.map { _ in Score() } }
    let parts = questions.enumerated().map { self.parts(of: $1, number: $0) }
    var left = parts.map(\.count)
    for place in questions.indices where left[place] == 0 { try take(place, []) }
    var waiting = parts.flatMap { $0 }[...]
    while !waiting.isEmpty {
      try learnBeginning(of: waiting)
      let run = nextRun(&waiting)
      try answer(run, &scores)
      for place in run.map(\.question) {
        left[place] -= 1
        if left[place] == 0 { try take(place, scores[place]) }
      }
    }
  }

  /// The scores of questions' continuations.
  /// - Throws: what `check` throws.
  public func scores(of questions: [Question]) throws -> [[Score]] {
    var scores = questions.map { _ in [Score]() }
    try score(questions) { scores[$0] = $1 }
    return scores
  }

  /// The scores of one prompt's continuations.
  /// - Throws: what `check` throws.
  public func scores(of continuations: [[Int32]], after prompt: [Int32]) throws -> [Score] {
    try scores(of: [Question(continuations, after: prompt)])[0]
  }

  // MARK: - Which prompts are read together

  /// A prompt, and those of its continuations for which it is read once.
  private struct Part {
    let question: Int
    let prompt: [Int32]
    let continuations: [Continuation]

    /// That of the longest sequence, as far as angles depend on it.
    var length: Int { prompt.count + (continuations.map(\.tokens.count).max() ?? 0) }
    /// The last token is read in any case: it gives the logits.
    var beginning: ArraySlice<Int32> { prompt.dropLast() }
  }

  /// Tokens, and where their scores belong.
  private struct Continuation {
    let question: Int
    let place: Int
    let tokens: [Int32]
  }

  private func parts(of question: Question, number: Int) -> [Part] {
    let prompt = question.prompt
    let continuations = question.continuations.enumerated().map {
      Continuation(question: number, place: $0, tokens: $1)
    }
    // Where the frequencies of a prompt depend on the length of the sequence, it is read for each such sequence.
    let limit = model.config.ropeScaling.changesBeyond ?? .max
    let (short, long) = (
      continuations.filter { prompt.count + $0.tokens.count <= limit },
      continuations.filter { prompt.count + $0.tokens.count > limit }
    )
    return ((short.isEmpty ? [] : [short]) + long.map { [$0] }).map {
      Part(question: number, prompt: prompt, continuations: $0)
    }
  }

  /// A pass of its own is worth it where so many tokens need not be read.
  private static let worthPass = 64

  /// Keys are turned by angles that, with dynamic scaling and LongRoPE, depend on the length of the whole sequence.
  private var sharesBeginnings: Bool { model.config.ropeScaling.changesBeyond == nil }

  /// How much of a prompt is known.
  private func knownCount(_ part: Part) -> Int {
    guard let known, known.generation == model.generation, sharesBeginnings else { return 0 }
    return part.beginning.countOfShared(known.tokens[...])
  }

  /// How much of the first prompt to read at once for those after it too; nil where it is not worth a pass.
  private func sharedCount(_ parts: ArraySlice<Part>) -> Int? {
    guard sharesBeginnings, let first = parts.first else { return nil }
    let known = knownCount(first)
    var (shared, saved, best) = (first.beginning, Self.worthPass - 1, Int?.none)
    for (others, part) in zip(1...64, parts.dropFirst()) {
      shared = shared.prefix(shared.countOfShared(part.beginning))
      guard shared.count > known else { break }
      if others * (shared.count - known) > saved { (saved, best) = (others * (shared.count - known), shared.count) }
    }
    return best
  }

  /// Reads what the first prompt and some after it begin with, as far as that is worth it.
  private func learnBeginning(of parts: ArraySlice<Part>) throws {
    while let first = parts.first, let count = sharedCount(parts) {
      let cache = try cache(for: first, capacity: count)
      try read([Reading(cache: cache, tokens: Array(first.prompt.prefix(count)), length: count, wanted: count)]) {
        _, _, _ in
      }
      known = cache
    }
  }

  /// Takes the prompts that are read together off those that wait: about as many as fill a pass.
  private func nextRun(_ waiting: inout ArraySlice<Part>) -> [Part] {
    var (run, unread, held): ([Part], Int, Int) = ([], 0, 0)
    while let next = waiting.first, run.isEmpty || unread < model.tokensPerPass {
      held += next.length
      guard run.isEmpty || held <= cachedTokens / 2 && sharedCount(waiting) == nil else { break }
      unread += next.prompt.count - knownCount(next)
      run.append(waiting.removeFirst())
    }
    return run
  }

  /// A cache that holds as much of a prompt's beginning as is known.
  private func cache(for part: Part, capacity: Int) throws -> KeyValueCache {
    let count = knownCount(part)
    guard count > 0, let known else { return try KeyValueCache(model, capacity: capacity) }
    return try known.copy(count, capacity: capacity)
  }

  // MARK: - Reading

  private func read(_ readings: [Reading], _ take: (Int, _ token: Int, LogitRow) -> Void) throws {
    readTokens += readings.reduce(0) { $0 + $1.unread.count }
    try model.read(readings, take)
  }

  /// Reads prompts in one go, and then their continuations.
  private func answer(_ run: [Part], _ scores: inout [[Score]]) throws {
    func take(_ place: Int, of one: Continuation, _ row: LogitRow) {
      scores[one.question][one.place].append(one.tokens[place], row)
    }
    let prompts = try run.map { part in
      // A single continuation is read with its prompt.
      let rest = part.continuations.count == 1 ? part.continuations[0].tokens.dropLast() : []
      return Reading(
        cache: try cache(for: part, capacity: part.length), tokens: part.prompt + rest, length: part.length,
        wanted: part.prompt.count - 1)
    }
    try read(prompts) { number, token, row in
      for one in run[number].continuations { take(token + 1 - run[number].prompt.count, of: one, row) }
    }
    // Of several, the tokens behind each first one.
    var (branches, room): ([(continuation: Continuation, reading: Reading)], Int) = ([], cachedTokens / 2)
    func readBranches() throws {
      try read(branches.map(\.reading)) { number, token, row in
        let (one, reading) = branches[number]
        take(token + 1 - reading.wanted, of: one, row)
      }
      (branches, room) = ([], cachedTokens / 2)
    }
    for (part, prompt) in zip(run, prompts) where part.continuations.count > 1 {
      for one in part.continuations where one.tokens.count > 1 {
        if room < part.length { try readBranches() }
        room -= part.length
        let tokens = part.prompt + one.tokens.dropLast()
        let cache = try prompt.cache.copy(part.prompt.count, capacity: tokens.count)
        branches.append((one, Reading(cache: cache, tokens: tokens, length: part.length, wanted: part.prompt.count)))
      }
    }
    try readBranches()
  }
}
