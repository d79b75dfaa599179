import Datasets
import JSON
import Text

/// What became of a data set's records on their way to sequences: each is kept or left out, and whatever is odd is counted.
public struct SequenceReport: Sendable {
  /// Why a record is not trained on.
  enum Reason: Sendable, Equatable {
    case longerThan(Int)
    /// Cutting, a weight of 0, or an empty answer left a side without a scored token.
    case nothingScored
    case weightless
    /// An answer cannot be told from what stands around it.
    case untold
    case refused(TemplateError)
    case unanswered
    /// A prompt that leaves too little room for an answer.
    case noRoom(Int)
  }

  /// What is odd about a record.
  enum Remark: Sendable, Equatable {
    case cut(at: Int)
    case beyondContext(Int)
    case sameAnswers
    case weighted
    case merged(String)
    case rewrittenPrompt
    case changedText
    case emptyAnswer
    case specialToken(String)
    case cutBehindEnd
    case endlessAnswer
  }

  /// Records that came in.
  public internal(set) var read = 0
  /// Records that are trained on.
  public internal(set) var kept = 0
  /// Records of those kept that were cut at the maximum length, and so lost their end.
  public internal(set) var cut = 0
  /// The tokens of all kept sequences.
  public internal(set) var tokens = 0
  /// Records left out, by reason.
  public private(set) var leftOut: [DatasetReport.Tally] = []
  /// Records kept although odd, by what is odd about them; one may be counted under several.
  public private(set) var remarked: [DatasetReport.Tally] = []

  package init() {}

  mutating func leaveOut(_ reason: Reason, _ location: RecordLocation) {
    leftOut.count(reason.text, location.description)
  }

  mutating func remark(_ remarks: [Remark], _ location: RecordLocation) {
    for remark in Remark.distinct(remarks) {
      if case .cut = remark { cut += 1 }
      remarked.count(remark.text, location.description + (remark.detail.map { ": \($0)" } ?? ""))
    }
  }

  /// The counts for a person, a line each; nothing is said about what did not occur.
  public var lines: [String] {
    leftOut.map { "left out \($0.count): \($0.reason) (\($0.places))" }
      + remarked.map { "kept \($0.count): \($0.reason) (\($0.places))" }
  }
}

extension SequenceReport.Reason {
  var text: String {
    switch self {
    case .longerThan(let length): "longer than \(length) tokens"
    case .nothingScored: "no token of an answer is left to score"
    case .weightless: "their weight is 0"
    case .untold: "the chat template rewrites the conversation, so the place of an answer in it is unknown"
    case .refused(let error): "\(error)"
    case .unanswered: "they do not end with an answer"
    case .noRoom(let length): "a prompt of more than \(max(0, length)) tokens, behind which no answer has room"
    }
  }
}

extension SequenceReport.Remark {
  fileprivate var text: String {
    switch self {
    case .cut(let length): "longer than \(length) tokens; cut there, so their ending is not learned"
    case .beyondContext(let length): "longer than the \(length) tokens that the model is made for"
    case .sameAnswers: "both answers are the same tokens, which teaches nothing"
    case .weighted: "a weight other than 1, of the record or a message; its tokens count that much"
    case .merged: "an answer's first token begins with the end of its prompt; it is scored"
    case .rewrittenPrompt:
      "the prompt's text is not a prefix of the whole, because the chat template writes it differently once it is answered; "
        + "answers are scored where they stand in the whole"
    case .changedText: "the chat template leaves out or changes a part of what is said"
    case .emptyAnswer: "an answer is empty; its ending is still learned"
    case .specialToken: "a text itself holds a special token"
    case .cutBehindEnd:
      "what the chat template writes behind the end of an answer is cut, so that its reward is read at its end"
    case .endlessAnswer: "the chat template writes no token that ends an answer; its reward is read at its last token"
    }
  }

  /// What differs from one such record to the next.
  fileprivate var detail: String? {
    switch self {
    case .merged(let text): "…\(text.debugDescription)…"
    case .specialToken(let token): token
    default: nil
    }
  }

  /// Each kind of remark once, the first of it.
  static func distinct(_ remarks: [Self]) -> [Self] {
    remarks.reduce(into: []) { kept, remark in
      if !kept.contains(where: { $0.text == remark.text }) { kept.append(remark) }
    }
  }
}
