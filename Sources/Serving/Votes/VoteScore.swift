import Foundation
import JSON

/// How often people preferred each of two models.
struct VoteScore: Equatable {
  let models: [String]
  private(set) var wins = [0, 0]
  private(set) var ties = 0

  init(models: [String]) { self.models = models }

  /// Adds a vote for the model of that name, or a tie where it is nil.
  mutating func add(winner: String?) {
    if let winner {
      if let index = models.firstIndex(of: winner) { wins[index] += 1 }
    } else {
      ties += 1
    }
  }

  /// The share of votes that a model won, ties counted as half, with Wilson's 95% interval; nil without votes.
  func share(_ index: Int) -> (value: Double, interval: ClosedRange<Double>)? {
    let count = Double(wins[0] + wins[1] + ties)
    guard count > 0 else { return nil }
    let share = (Double(wins[index]) + Double(ties) / 2) / count
    let z = 1.959964
    let (center, spread) = (
      share + z * z / (2 * count), z * (share * (1 - share) / count + z * z / (4 * count * count)).squareRoot()
    )
    let scale = 1 + z * z / count
    return (share, max(0, (center - spread) / scale)...min(1, (center + spread) / scale))
  }

  var json: JSON {
    let rows: [JSON] = models.indices.map { index in
      let share = share(index)
      return [
        "model": .string(models[index]), "wins": .integer(wins[index]),
        "share": share.map { .number($0.value) } ?? .null,
        "interval": share.map { [.number($0.interval.lowerBound), .number($0.interval.upperBound)] } ?? .null,
      ]
    }
    return ["models": .array(rows), "ties": .integer(ties), "votes": .integer(wins[0] + wins[1] + ties)]
  }
}
