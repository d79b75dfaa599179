import Foundation
import JSON

/// Keeps votes: preferences in one file, which `caravan dpo` takes as it is. What is no pair to learn from lies beside
/// it, under names that nobody takes for data of pairs: ties, and answers that are both bad, in `.ties`; preferences of which
/// an answer was cut at the token limit in `.cut`, since training would teach the model to end where it was cut.
public actor VoteBook {
  nonisolated let models: [String]
  private let preferences: VoteFile
  private let ties: VoteFile
  private let cut: VoteFile
  private(set) var score: VoteScore

  /// Opens the files and counts the votes that they hold between these two models.
  /// - Throws: `VoteFileError`.
  public init(path: String, models: [String]) throws(VoteFileError) {
    self.models = models
    preferences = try VoteFile(path: path)
    ties = try VoteFile(path: path + ".ties")
    cut = try VoteFile(path: path + ".cut")
    var score = VoteScore(models: models)
    for line in preferences.earlier + cut.earlier {
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
    let file = vote.better == nil ? ties : vote.answers.contains(where: \.isCut) ? cut : preferences
    try file.append(vote.json(time: .now))
    score.add(winner: vote.better.map { vote.answers[$0].model })
    return score
  }
}
