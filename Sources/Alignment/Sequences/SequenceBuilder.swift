import Datasets
import Llama
import Objectives
import Text
import Wording

/// Turns records into token sequences whose scored tokens are what the loss is about.
///
/// A conversation scores the assistant's messages, a pair the last one on each side, a rating the last one; each with the end that
/// the template writes after it. Texts are tokenized whole. Where an answer stands is a matter of text: it begins where the prompt,
/// as the model is asked with it, ends; a token that holds the end of the one and the beginning of the other counts as the answer's.
public struct SequenceBuilder: Sendable {
  /// How conversations become tokens.
  public let format: ChatFormat
  /// What the template writes behind an answer; nil where that is not known.
  public let ending: AnswerEnding?
  private let mask: LossMask
  let finder: AnswerFinder

  /// A builder of sequences in a format.
  /// - Throws: `AlignmentError` where the template is to say what counts, and does not.
  public init(format: ChatFormat, mask: LossMask = .auto) throws {
    guard mask != .template || format.template.marksGenerations else {
      throw AlignmentError(
        "the chat template \(format.template.name) marks nothing with {% generation %}; leave \(setting: "loss-mask") template out"
      )
    }
    self.format = format
    self.mask = mask
    ending = AnswerEnding(format)
    finder = AnswerFinder(format: format, ending: ending)
  }

  /// A record's sequences before anything is cut, and what is odd about them.
  struct Whole {
    var sequences: [TokenSequence]
    var remarks: [SequenceReport.Remark]
    var columns: [Column: [[Double]]] = [:]
    /// How much each token of a conversation counts; nil where all count alike.
    var weights: [Double]?
  }

  func whole(_ conversation: Conversation) throws -> Whole {
    guard conversation.weight != 0 else { throw LeftOut(reason: .weightless) }
    let messages = conversation.messages
    let isMarked = mask == .template || mask == .auto && format.template.marksGenerations
    // A template marks turns whatever their weight.
    let needsTurns = !isMarked || messages.contains { $0.role == "assistant" && $0.weight != 1 }
    var side = try Side(messages, conversation.context, format)
    if needsTurns {
      let learned = messages.indices.filter { messages[$0].isLearned }
      try side.locate(mask == .last ? Array(learned.suffix(1)) : learned, finder)
    }
    if isMarked { try side.mark(clipping: needsTurns) }
    let made = side.sequence(format)
    return Whole(
      sequences: [made.sequence], remarks: side.remarks + [made.merged].compactMap(\.self),
      weights: conversation.isWeighted ? made.weights.map { $0 * conversation.weight } : nil)
  }

  func whole(_ rating: Rating) throws -> Whole {
    guard rating.isLearned else { throw LeftOut(reason: .weightless) }
    let side = try side(rating.prompt + rating.completion, rating.context)
    let made = side.sequence(format)
    return Whole(
      sequences: [made.sequence],
      remarks: SequenceReport.Remark.distinct(side.remarks + [made.merged].compactMap(\.self)))
  }

  func whole(_ pair: PreferencePair) throws -> Whole {
    guard pair.isLearned else { throw LeftOut(reason: .weightless) }
    let sides = try [pair.chosen, pair.rejected].map { try side(pair.prompt + $0, pair.context) }
    var made = sides.map { $0.sequence(format) }
    // Answers to one prompt begin at one place, also where only one of them merges with the prompt's last token.
    if pair.chosen.count == 1, pair.rejected.count == 1 {
      let firsts = made.compactMap { $0.sequence.isScored.firstIndex(of: true) }
      if let first = firsts.min(), firsts.count == 2, mask != .template {
        for side in made.indices {
          for token in first..<firsts[side] { made[side].sequence.isScored[token] = true }
        }
      }
    }
    return Whole(
      sequences: made.map(\.sequence),
      remarks: SequenceReport.Remark.distinct(sides.flatMap(\.remarks) + made.compactMap(\.merged)))
  }
  /// A conversation of which the last message is scored.
  private func side(_ messages: [Message], _ context: ChatContext) throws -> Side {
    var side = try Side(messages, context, format)
    try side.locate(messages.last?.isLearned == true ? [messages.count - 1] : [], finder)
    if mask == .template { try side.mark(clipping: true) }
    return side
  }
}
