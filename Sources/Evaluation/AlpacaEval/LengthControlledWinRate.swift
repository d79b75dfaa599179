import Foundation

/// The win rate as it would be if both outputs were as long: AlpacaEval 2's (Dubois et al. 2024, "Length-Controlled
/// AlpacaEval", arXiv 2404.04475).
///
/// A logistic regression explains preferences by the difference of lengths, the difficulty of the instruction and the model;
/// the rate is what it predicts without the first. The authors' solver stops short of the optimum by up to 0.035 points.
public struct LengthControlledWinRate: Sendable, Equatable {
  /// What is known of one instruction's two outputs.
  public struct Row: Sendable, Equatable {
    /// From 1, the baseline's is better, to 2, the model's is; 0 for a draw.
    public let preference: Double
    /// The code points of the baseline's output.
    public let baselineLength: Int
    /// Those of the model's.
    public let modelLength: Int
    /// The instruction's difficulty, from `instruction_difficulty.csv`.
    public let difficulty: Double

    /// A row.
    public init(preference: Double, baselineLength: Int, modelLength: Int, difficulty: Double) {
      (self.preference, self.difficulty) = (preference, difficulty)
      (self.baselineLength, self.modelLength) = (baselineLength, modelLength)
    }
  }

  /// A row of `df_gamed.csv`: a baseline that was told to be brief or verbose, by which the coefficient of length is held.
  public struct GamedRow: Sendable, Equatable {
    /// From 0 to 1.
    public let preference: Double
    /// The difference of lengths in standard deviations.
    public let lengthDifference: Double
    /// The instruction's difficulty.
    public let difficulty: Double

    /// A row.
    public init(preference: Double, lengthDifference: Double, difficulty: Double) {
      (self.preference, self.lengthDifference, self.difficulty) = (preference, lengthDifference, difficulty)
    }
  }

  /// The coefficients of length, difficulty and model.
  public let weights: [Double]
  /// The strength C that cross-validation chose; nil where the weights were given.
  public let penalty: Double?
  /// The rate, in percent.
  public let winRate: Double

  /// The rate that known weights predict, for these difficulties.
  public init(weights: [Double], difficulties: [Double]) {
    self.init(weights: weights, penalty: nil, difficulties: difficulties)
  }

  private init(weights: [Double], penalty: Double?, difficulties: [Double]) {
    (self.weights, self.penalty) = (weights, penalty)
    let rates = difficulties.map { LassoLogistic.sigmoid(weights[1] * $0 + weights[2]) }
    winRate = 100 * SampleStatistics.mean(rates)
  }

  /// Fits the weights.
  /// - Parameters:
  ///   - rows: one for each instruction.
  ///   - gamed: those of the gamed baselines; without them the coefficient of length follows from the rows alone.
  /// - Throws: `EvaluationError` for fewer than five rows.
  public init(_ rows: [Row], gamed: [GamedRow] = []) throws(EvaluationError) {
    guard rows.count >= 5 else {
      throw EvaluationError("a length-controlled win rate needs at least 5 judged outputs, not \(rows.count)")
    }
    let lengths = rows.map { Double($0.baselineLength - $0.modelLength) }
    let deviation = SampleStatistics.deviation(lengths) ?? 0
    // Two gamed baselines count a fifth together.
    var all = gamed.map {
      LassoLogistic.Row(
        features: [tanh($0.lengthDifference), $0.difficulty, 0], probability: $0.preference, weight: 0.1)
    }
    all += zip(rows, lengths).map { row, length in
      LassoLogistic.Row(
        features: [deviation > 0 ? tanh(length / deviation) : 0, row.difficulty, 1],
        probability: (row.preference == 0 ? 1.5 : row.preference) - 1, weight: 1)
    }
    let penalty = Self.penalty(all)
    self.init(
      weights: LassoLogistic(all, penalty: penalty).fit(), penalty: penalty, difficulties: rows.map(\.difficulty))
  }

  /// Of ten strengths from 1e-4 to 1e4 the one whose fits on four fifths lose the least on the last fifth.
  private static func penalty(_ rows: [LassoLogistic.Row]) -> Double {
    let choices = (0..<10).map { pow(10, -4 + 8 * Double($0) / 9) }
    // scikit-learn deals groups of one size out from the last to the first.
    let fold = rows.indices.map { (rows.count - 1 - $0) % 5 }
    let losses = choices.map { choice in
      (0..<5).reduce(0.0) { sum, held in
        let training = rows.indices.filter { fold[$0] != held }.map { rows[$0] }
        let weights = LassoLogistic(training, penalty: choice).fit()
        return sum + loss(weights, rows.indices.filter { fold[$0] == held }.map { rows[$0] })
      }
    }
    let best = losses.indices.min { losses[$0] < losses[$1] } ?? 0
    return choices[best]
  }

  private static func loss(_ weights: [Double], _ rows: [LassoLogistic.Row]) -> Double {
    SampleStatistics.mean(
      rows.map { row in
        let z = LassoLogistic.dot(weights, row.features)
        return row.weight
          * (row.probability * LassoLogistic.softplus(-z) + (1 - row.probability) * LassoLogistic.softplus(z))
      })
  }
}
