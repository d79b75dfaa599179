/// Scores any answer to a shop question by rules that a person can check.
///
/// An answer has 1 point to begin with, and gets
/// - 4 if it is *right*: it makes one statement about what is asked, and that is true;
/// - 2 more if the right statement is a *full sentence* that names the thing;
/// - 2 if it is *friendly*: it says something kind, and nothing rude;
/// - 1 if it is *tidy*: nothing in it is garbled or said twice;
///
/// and loses 1, though never the first, if it is *rude*. Full marks are 10.
public enum ShopJudge {
  /// What the judge found in an answer.
  public struct Verdict: Sendable, Hashable {
    /// It makes one statement about what is asked, and that is true.
    public let isRight: Bool
    /// Its only statement is a full sentence that names the thing.
    public let isFullSentence: Bool
    /// It says something kind, and nothing rude.
    public let isFriendly: Bool
    /// It says something rude.
    public let isRude: Bool
    /// Nothing in it is garbled or said twice.
    public let isTidy: Bool

    /// The points, from 1 to 10.
    public var score: Int {
      let right = isRight ? (isFullSentence ? 6 : 4) : 0
      return max(1, 1 + right + (isFriendly ? 2 : 0) + (isTidy ? 1 : 0) - (isRude ? 1 : 0))
    }

    /// Whether the answer is as one would wish it: right, a full sentence, friendly and tidy.
    public var isPreferred: Bool { score == 10 }

    /// The finding in words, as in "right, full sentence, friendly, tidy".
    public var reasons: String {
      [
        isRight ? "right" : "wrong or no answer", isFullSentence ? "full sentence" : "not a full sentence",
        isFriendly ? "friendly" : isRude ? "rude" : "neither friendly nor rude", isTidy ? "tidy" : "garbled",
      ].joined(separator: ", ")
    }
  }

  /// Judges `answer` as an answer to `question`.
  public static func verdict(on answer: String, to question: ShopQuestion) -> Verdict {
    let sentences = sentences(of: answer)
    var statements: [(value: String, isFull: Bool)] = []
    var kind = 0
    var rude = 0
    var unknown = 0
    for sentence in sentences {
      if let statement = statement(in: sentence, about: question) {
        statements.append(statement)
      } else if (Shop.friendlyOpenings + Shop.friendlyClosings).contains(sentence) {
        kind += 1
      } else if (Shop.rudeOpenings + Shop.rudeClosings).contains(sentence) {
        rude += 1
      } else {
        unknown += 1
      }
    }
    return Verdict(
      isRight: statements.count == 1 && statements[0].value == question.rightValue,
      isFullSentence: statements.count == 1 && statements[0].isFull,
      isFriendly: kind > 0 && rude == 0,
      isRude: rude > 0,
      isTidy: unknown == 0 && !sentences.isEmpty && Set(sentences).count == sentences.count)
  }

  /// The value that a sentence states of what is asked, and whether it does so as a full sentence.
  private static func statement(in sentence: String, about question: ShopQuestion) -> (value: String, isFull: Bool)? {
    for value in question.asked.values {
      if sentence == question.asked.sentence(about: question.thing, value) { return (value, true) }
      if sentence == question.asked.tersely(value) { return (value, false) }
    }
    return nil
  }

  /// The answer cut behind each `.`, `!` and `?`.
  private static func sentences(of answer: String) -> [String] {
    var sentences: [String] = []
    var sentence = ""
    for character in answer {
      if sentence.isEmpty, character.isWhitespace { continue }
      sentence.append(character)
      if ".!?".contains(character) {
        sentences.append(sentence)
        sentence = ""
      }
    }
    return sentence.isEmpty ? sentences : sentences + [sentence]
  }
}
