import Foundation
import JSON

/// Keeps votes: preferences in one file, which `caravan dpo --data` takes as it is, ties in another beside it, whose name
/// ends in `.ties` so that nobody takes it for data of pairs.
public actor VoteBook {
  nonisolated let models: [String]
  private let preferences: VoteFile
  private let ties: VoteFile
  private(set) var score: VoteScore

  /// Opens both files and counts the votes that they hold between these two models.
  /// - Throws: `VoteFileError`.
  public init(path: String, models: [String]) throws(VoteFileError) {
    self.models = models
    preferences = try VoteFile(path: path)
    ties = try VoteFile(path: path + ".ties")
    var score = VoteScore(models: models)
    for line in preferences.earlier {
      let names = [line["chosen_model"]?.string, line["rejected_model"]?.string]
      if Set(names) == Set(models) { score.add(winner: names[0]) }
    }
    for line in ties.earlier {
      let names = line["answers"]?.array?.map { $0["model"]?.string } ?? []
      if Set(names) == Set(models) { score.add(winner: nil) }
    }
    self.score = score
  }

  /// Writes a vote down; it is on the disk when this returns.
  /// - Throws: `VoteFileError`; nothing has been counted then.
  func add(_ vote: Vote) throws(VoteFileError) -> VoteScore {
    let file = vote.better == nil ? ties : preferences
    try file.append(vote.json(time: .now))
    score.add(winner: vote.better.map { vote.answers[$0].model })
    return score
  }
}
