import Foundation
import Inference
import JSON
import ModelFiles
import Text

/// A judge that is a model's folder, asked within this process. Its weights are loaded when it is first asked.
public final class ModelJudge: Judge {
  /// How results name it.
  public let name: String
  /// The model's fingerprint.
  public let identity: String
  private let format: ChatFormat
  private let stopTokens: Set<Int32>
  private let load: () throws -> InferenceModel
  private lazy var model = Result { try load() }

  /// A model as a judge.
  /// - Parameters:
  ///   - identity: what tells it from all others.
  ///   - load: reads the weights.
  public init(
    _ name: String, format: ChatFormat, stopTokens: Set<Int32>, identity: String,
    load: @escaping () throws -> InferenceModel
  ) {
    (self.name, self.format, self.stopTokens) = (name, format, stopTokens)
    (self.identity, self.load) = (identity, load)
  }

  /// Asks it: replies are generated many at once, greedily.
  public func ask(_ questions: [JudgeQuestion], _ take: (Int, Result<JudgeReply, JudgeFailure>) throws -> Void) throws {
    guard !questions.isEmpty else { return }
    let model = try model.get()
    let scorer = ContinuationScorer(model)
    var texts: [(place: Int, text: String, question: ContinuationScorer.Question)] = []
    var waiting: [(place: Int, request: GenerationRequest)] = []
    for (place, question) in questions.enumerated() {
      switch question {
      case .reward: try take(place, .failure(JudgeFailure("a language model gives answers no numbers")))
      case .probability(let text, let beginning):
        let prompt = format.tokens(beginning)
        let question = ContinuationScorer.Question(
          [Array(format.tokens(beginning + text).dropFirst(prompt.count))], after: prompt)
        do {
          try scorer.check(question)
          texts.append((place, text, question))
        } catch {
          try take(place, .failure(Self.failure(error)))
        }
      case .reply(let messages, let most, let alternatives):
        do {
          var request = GenerationRequest(prompt: try format.tokens(messages, addingGenerationPrompt: true))
          guard request.prompt.count + most <= model.contextLength else {
            throw JudgeFailure(
              "a question of \(request.prompt.count) tokens does not fit the judge's context of \(model.contextLength)")
          }
          request.sampling = SamplingParameters(temperature: 0)
          (request.maximumTokens, request.alternatives) = (most, alternatives)
          request.stopTokens = stopTokens
          waiting.append((place, request))
        } catch {
          try take(place, .failure(Self.failure(error)))
        }
      }
    }
    try scorer.score(texts.map(\.question)) { number, scores in
      let (place, text, question) = texts[number]
      let sum = scores[0].logProbabilities.reduce(0) { $0 + Double($1) }
      try take(place, .success(JudgeReply("", logProbabilities: [text: sum], promptTokens: question.prompt.count)))
    }
    try generate(waiting, model, take)
  }

  private static func failure(_ error: any Error) -> JudgeFailure { error as? JudgeFailure ?? JudgeFailure("\(error)") }

  private func generate(
    _ waiting: [(place: Int, request: GenerationRequest)], _ model: InferenceModel,
    _ take: (Int, Result<JudgeReply, JudgeFailure>) throws -> Void
  ) throws {
    let batch = AnswerBatch(model: model, tokenizer: format.tokenizer, limits: .fitting(model))
    var rest = waiting[...]
    var running: [ContinuousBatch.ID: (place: Int, reply: JudgeReply)] = [:]
    while !rest.isEmpty || !batch.isIdle {
      while batch.batch.waitingCount < 16, let next = rest.popFirst() {
        running[try batch.add(next.request)] = (next.place, JudgeReply(""))
      }
      for (id, event) in try batch.step() {
        switch event {
        case .prompt: break
        case .part(let text, let tokens):
          let isFirst = running[id]?.reply.replyTokens == 0
          running[id]?.reply.text += text
          running[id]?.reply.replyTokens += tokens.count
          guard isFirst, let first = tokens.first else { continue }
          for token in first.alternatives {
            // Tokens with and without a space before them may be the same text: the more probable one counts.
            let text = format.tokenizer.decode([token.id])
            guard running[id]?.reply.logProbabilities[text] == nil else { continue }
            running[id]?.reply.logProbabilities[text] = Double(token.logProbability)
          }
        case .finished(let end):
          guard let (place, said) = running.removeValue(forKey: id) else { continue }
          var reply = said
          (reply.promptTokens, reply.replyTokens) = (end.promptTokens, end.answerTokens)
          try take(place, .success(reply))
        }
      }
    }
  }
}
