import Rewards

/// How often a judge prefers a model's outputs to the baseline's, as AlpacaEval reports it (Li et al. 2023).
///
/// A preference is 1 where the baseline's output is better, 2 where the model's is, and between them where the judge is not
/// sure; 0 and 1.5 are draws.
public struct AlpacaEvalWinRate: Sendable, Equatable {
  /// The mean of the preferences less 1, in percent.
  public let winRate: Double
  /// Its standard error, in percent.
  public let standardError: Double
  /// Outputs that are rather better than the baseline's.
  public let wins: Int
  /// Outputs that are rather worse.
  public let losses: Int
  /// Those that are neither.
  public let draws: Int

  /// All of them.
  public var count: Int { wins + losses + draws }
  /// The share of wins, draws as halves, in percent.
  public var discreteWinRate: Double { count == 0 ? 0 : 100 * (Double(wins) + 0.5 * Double(draws)) / Double(count) }

  /// Counts preferences.
  public init(_ preferences: [Double]) {
    let values = preferences.map { ($0 == 0 ? 1.5 : $0) - 1 }
    winRate = 100 * SampleStatistics.mean(values)
    standardError = 100 * (SampleStatistics.standardError(values) ?? 0)
    wins = values.count { $0 > 0.5 }
    losses = values.count { $0 < 0.5 }
    draws = values.count { $0 == 0.5 }
  }
}
