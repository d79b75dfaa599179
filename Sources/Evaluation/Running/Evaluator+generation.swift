import Inference
import JSON
import Text

extension Evaluator {
  /// Answers questions, many at a time, each as soon as its last text is there.
  func generate(
    _ questions: [Question], _ stopTokens: Set<Int32>, batchSize: Int,
    _ take: (Question, ModelAnswer) throws -> Void
  ) throws {
    guard !questions.isEmpty else { return }
    let batch = AnswerBatch(
      model: model, tokenizer: format.tokenizer, limits: .fitting(model, sequences: batchSize))
    var pending = questions.indices.flatMap { place in
      (0..<Self.count(questions[place])).map { (question: place, number: $0) }
    }[...]
    var running: [ContinuousBatch.ID: (question: Int, number: Int)] = [:]
    var texts = questions.map { [String](repeating: "", count: Self.count($0)) }
    var left = questions.map(Self.count)
    while !pending.isEmpty || !batch.isIdle {
      // Enough wait that places are filled at once.
      while batch.batch.waitingCount < batchSize, let next = pending.popFirst() {
        running[try batch.add(request(questions[next.question], next.number, stopTokens))] = next
      }
      for (id, event) in try batch.step() {
        guard let place = running[id] else { continue }
        switch event {
        case .prompt: break
        case .part(let text, _): texts[place.question][place.number] += text
        case .finished:
          running[id] = nil
          left[place.question] -= 1
          guard left[place.question] == 0 else { continue }
          try take(questions[place.question], .texts(texts[place.question]))
          texts[place.question] = []
        }
      }
    }
  }

  private static func count(_ question: Question) -> Int {
    if case .answer(let decoding) = question.item.request { max(1, decoding.count) } else { 0 }
  }

  private func request(_ question: Question, _ number: Int, _ stopTokens: Set<Int32>) -> GenerationRequest {
    var request = GenerationRequest(prompt: question.tokens)
    guard case .answer(let decoding) = question.item.request else { return request }
    // A question's own seed: what else is answered changes nothing.
    let seed = UInt64(question.key.prefix(16), radix: 16) ?? 0
    request.sampling = SamplingParameters(
      temperature: decoding.temperature, topP: decoding.topP, seed: seed &+ UInt64(number))
    request.maximumTokens = decoding.maximumTokens
    request.stopTokens = stopTokens
    request.stopStrings = decoding.stops
    request.continuesText = !question.item.prompt.isChat || !question.item.prompt.answerBeginning.isEmpty
    return request
  }
}

extension EvaluationItem.Request {
  /// All of it, for keys.
  var json: JSON {
    switch self {
    case .answer(let decoding):
      [
        "stops": .array(decoding.stops.map(JSON.string)), "most": .integer(decoding.maximumTokens),
        "temperature": .number(decoding.temperature), "top_p": .number(decoding.topP),
        "count": .integer(decoding.count),
      ]
    case .likelihoods(let candidates): .array(candidates.flatMap { [.string($0.beginning), .string($0.text)] })
    case .rewards(let answers): ["answers": .array(answers.map(JSON.string))]
    }
  }
}
