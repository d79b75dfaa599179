import Foundation
import JSON

/// Keeps ratings in one file, which `caravan kto` reads. Ratings of answers that were cut at the token limit lie
/// beside it, in `.cut`, since training would teach the model to end where it was cut.
public actor RatingBook {
  private let whole: VoteFile
  private let cut: VoteFile
  /// For each rating that has a name, whether the answer is good.
  private var labels: [String: Bool] = [:]
  /// The ratings that somebody else wrote, by whether they are good.
  private var others: [Bool: Int] = [:]

  /// Opens the files and counts the ratings that they hold.
  /// - Throws: `VoteFileError`.
  public init(path: String) throws(VoteFileError) {
    whole = try VoteFile(path: path, setting: "ratings")
    cut = try VoteFile(path: path + ".cut", setting: "ratings")
    for line in whole.earlier + cut.earlier {
      guard let isGood = line["label"]?.bool else { continue }
      if let id = line["id"]?.string { labels[id] = isGood } else { others[isGood, default: 0] += 1 }
    }
  }

  /// How many answers are rated good and bad.
  var counts: (good: Int, bad: Int) {
    let good = labels.values.count { $0 }
    return (good + others[true, default: 0], labels.count - good + others[false, default: 0])
  }

  /// Writes a rating down, or takes one back; it is on the disk when this returns.
  /// - Throws: `VoteFileError`; nothing has been counted then.
  func put(_ rating: AnswerRating) throws(VoteFileError) -> Outcome {
    guard let old = rating.replaced else {
      guard let judged = rating.judged else { return .unknown }
      let id = UUID().uuidString
      try file(of: judged).append(judged.json(id: id, time: .now))
      labels[id] = judged.isGood
      return .kept(id)
    }
    guard labels[old] != nil else { return .unknown }
    let target = rating.judged.map(file)
    let json = rating.judged?.json(id: old, time: .now)
    var isThere = false
    for file in [whole, cut] {
      let isTarget = file === target
      if try file.replace(where: { $0["id"]?.string == old }, with: isTarget ? json : nil), isTarget { isThere = true }
    }
    // An answer that was cut once and is whole now has its rating in the other file.
    if let target, let json, !isThere { try target.append(json) }
    labels[old] = rating.judged?.isGood
    return rating.judged == nil ? .withdrawn : .kept(old)
  }

  /// What became of a rating.
  enum Outcome: Equatable {
    /// It is written down under a name.
    case kept(String)
    /// An earlier one is taken back.
    case withdrawn
    /// There is none of the name.
    case unknown
  }

  private func file(of judged: AnswerRating.Judged) -> VoteFile { judged.answer.isCut ? cut : whole }
}
