/// What a batch is trained towards: a loss of the numbers that a head has for each example's places, and its slopes.
///
/// The batch's loss is the weighted mean of its examples' losses, so that it does not depend on how the batch is split. An
/// objective that only wants the sum of each sequence's numbers is a `SequenceObjective`.
public protocol Objective: Sendable {
  /// How much an example counts in the batch's mean; 0 where nothing is learned from it, and then its loss is 0.
  func weight(of example: ScoredExample) -> Double

  /// The loss of one example, times its weight.
  /// - Parameter values: for each of its sequences, the head's number at each scored place; log-probabilities where the head
  ///   is the projection to the vocabulary.
  func loss(of example: ScoredExample, values: [[Float]]) -> ExampleLoss

  /// What the loss of an example takes from the other examples of its batch, as further columns of each; nil where it takes
  /// nothing. No gradient flows through it.
  /// - Parameter values: gives the head's numbers for all examples as `loss` has them for one; it costs a forward of the batch.
  func batchColumns(
    of examples: [ScoredExample], values: () throws -> [[[Float]]]
  ) throws -> [[Column: [[Double]]]]?

  /// Takes note of a batch that is about to be trained on, before anything else is asked about it. What is only measured it
  /// never sees.
  /// - Parameter values: as those of `batchColumns`.
  mutating func note(_ examples: [ScoredExample], values: () throws -> [[[Float]]]) throws

  /// What it has kept of the batches that it took note of, as a checkpoint holds it.
  var memory: [String: Double] { get }

  /// Puts it where it was when a checkpoint was written.
  /// - Throws: `ObjectiveError` where that is not what it keeps.
  mutating func recall(_ memory: [String: Double]) throws

  /// Figures that follow from the means of others, by the names that metrics have.
  func figures(from means: [String: Double]) -> [String: Double]

  /// How it speaks of itself.
  var words: ObjectiveWords { get }
}

extension Objective {
  /// Nothing.
  public func batchColumns(
    of examples: [ScoredExample], values: () throws -> [[[Float]]]
  ) throws -> [[Column: [[Double]]]]? { nil }

  /// Notes nothing.
  public mutating func note(_ examples: [ScoredExample], values: () throws -> [[[Float]]]) throws {}

  /// Nothing.
  public var memory: [String: Double] { [:] }

  /// There is nothing to recall.
  public mutating func recall(_ memory: [String: Double]) throws {}

  /// None.
  public func figures(from means: [String: Double]) -> [String: Double] { [:] }

  /// Words that hold for any objective.
  public var words: ObjectiveWords {
    ObjectiveWords(tag: "custom", unit: "examples", method: "towards an objective of its own (\(Self.self))")
  }
}

/// An example as objectives know it: how many places it has, and what lies beside them.
public struct ScoredExample: Sendable {
  /// For each sequence, how many of its places have a number.
  public let counts: [Int]
  /// What else belongs to the example.
  public let columns: [Column: [[Double]]]

  /// An example with so many places, and columns beside them.
  public init(counts: [Int], columns: [Column: [[Double]]] = [:]) {
    self.counts = counts
    self.columns = columns
  }

  /// A column's numbers for each sequence.
  public subscript(column: Column) -> [[Double]]? { columns[column] }
}

/// Numbers that belong to an example beside its tokens: for each of its sequences one number, or one a scored place.
public struct Column: Hashable, Sendable {
  /// What it is called.
  public let name: String

  /// A column by its name.
  public init(_ name: String) { self.name = name }

  /// The sum of a sequence's log-probabilities under the reference model, one number a sequence.
  public static let reference = Column("reference")
  /// The sum of each companion's log-probabilities under the model as it is, one number a companion.
  public static let companions = Column("companions")
  /// The same under the reference model.
  public static let referenceOfCompanions = Column("reference of companions")
  /// 1 where an answer is good, 0 where it is bad.
  public static let label = Column("label")
  /// How much each scored place of a conversation counts, one number a place; absent where all count alike.
  public static let weight = Column("weight")
}

/// An example's share in a batch's loss.
public struct ExampleLoss: Sendable {
  /// The loss times the example's weight.
  public let loss: Double
  /// Its derivative with respect to each of the head's numbers, sequence by sequence and place by place.
  public let slopes: [[Double]]
  /// Other figures, times the example's weight, by the names that metrics have. A metric is the mean over the examples that
  /// have it.
  public let metrics: [(name: String, value: Double)]
  /// Figures of which the batch's is the sum of the values by the sum of the weights, whatever the examples' weights are.
  public var sums: [(name: String, value: Double, weight: Double)] = []
  /// Figures of which the batch's is the least.
  public var least: [(name: String, value: Double)] = []
  /// Figures of which the batch's is the greatest.
  public var greatest: [(name: String, value: Double)] = []

  /// An example's share.
  public init(loss: Double, slopes: [[Double]], metrics: [(name: String, value: Double)]) {
    self.loss = loss
    self.slopes = slopes
    self.metrics = metrics
  }

  /// An example's share.
  public init(loss: Double, slopes: [[Double]], metrics: KeyValuePairs<String, Double> = [:]) {
    self.init(loss: loss, slopes: slopes, metrics: metrics.map { ($0.key, $0.value) })
  }
}
