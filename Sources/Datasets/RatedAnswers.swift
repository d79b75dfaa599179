import JSON
import Text

/// What a record says of answers to one prompt: one rating; or a pair, whose chosen answer is good and whose rejected one is bad.
public struct RatedAnswers: DatasetRecord {
  /// One, or a pair's two.
  public let ratings: [Rating]
  /// Something odd but allowed.
  public let remark: String?

  /// Those of ratings and of pairs.
  public static var fields: [[String]]? { (Rating.fields ?? []) + (PreferencePair.fields ?? []) }

  /// The conversation up to the answers.
  package var prompt: [Message] { ratings.first?.prompt ?? [] }

  /// Reads a pair where there is a `chosen` or a `rejected`, and else a rating.
  /// - Throws: `RecordError`, as the record's own kind does.
  public init(json: JSON, location: RecordLocation) throws(RecordError) {
    guard PreferencePair.isOne(json) else {
      let rating = try Rating(json: json, location: location)
      (ratings, remark) = ([rating], rating.remark)
      return
    }
    let pair = try PreferencePair(json: json, location: location)
    ratings = [true, false].map { Rating(pair, isGood: $0) }
    remark = pair.remark ?? "a pair; it is taken as two answers, a good one and a bad one"
  }
}

extension [RatedAnswers] {
  /// All ratings, the first of each record before the second ones: answers to one prompt, which a pair has, lie far apart.
  package var ratings: [Rating] { compactMap(\.ratings.first) + flatMap { $0.ratings.dropFirst() } }
}
