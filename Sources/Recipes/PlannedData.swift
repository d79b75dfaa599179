import Alignment
import Datasets
import Training

/// What a plan knows of the data that would be trained on: the lengths of their examples, and so what each step asks of each rank.
public struct PlannedData: Sendable {
  /// The computed tokens of each example; what the answers of a pair share counts once.
  public let lengths: [Int]
  /// Examples a step.
  public let batchSize: Int
  /// Whether a reference reads them once before the steps, as for pairs and rated answers.
  public let isCompared: Bool
  /// The lengths of each step of the first epoch.
  private let batches: [[Int]]

  /// Data of such lengths; there must be one.
  public init(lengths: [Int], batchSize: Int, isCompared: Bool) {
    (self.lengths, self.batchSize, self.isCompared) = (lengths, batchSize, isCompared)
    batches = EpochOrder(count: lengths.count, batchSize: batchSize, seed: 1).batches(epoch: 0).map { batch in
      batch.map { lengths[$0] }
    }
  }

  /// Reads records as training would: each is a pair, a rated answer or a conversation by its fields.
  /// - Parameters:
  ///   - batchSize: examples a step; nil for the number that the data's kind has by default.
  ///   - remark: takes what a person should know of records that are cut or left out.
  /// - Throws: errors naming file and line; `AlignmentError` where no record is left.
  public init(
    _ paths: [String], _ builder: SequenceBuilder, limits: SequenceBuilder.Limits, batchSize: Int? = nil,
    remark: (String) throws -> Void
  ) throws {
    let reader = try DatasetReader<AnyRecord>(paths, skipInvalid: limits.skipsRefused)
    var (pairs, ratings, conversations) = ([PreferencePair](), [Rating](), [Conversation]())
    for record in try reader.readAll() {
      switch record {
      case .pair(let pair): pairs.append(pair)
      case .rating(let rating): ratings.append(rating)
      case .conversation(let conversation): conversations.append(conversation)
      }
    }
    let made = try [
      builder.examples(pairs, limits: limits), builder.examples(ratings, limits: limits),
      builder.examples(conversations, limits: limits),
    ]
    for line in reader.report.description.split(separator: "\n").dropFirst() { try remark(String(line)) }
    for (_, report) in made where report.read > 0 { for line in report.lines { try remark(line) } }
    let lengths = made.flatMap { $0.examples.map(\.packedCount) }
    guard !lengths.isEmpty else { throw AlignmentError("no record of the data is left to use; see the counts above") }
    let isCompared = pairs.count + ratings.count > conversations.count
    self.init(
      lengths: lengths, batchSize: batchSize ?? (isCompared ? DPOPace().batchSize : SFTPace().batchSize),
      isCompared: isCompared)
  }

  /// Tokens of the longest example.
  public var longest: Int { lengths.max() ?? 0 }
  /// Tokens of a step, on average.
  public var tokensPerStep: Int { lengths.reduce(0, +) / batches.count }
  /// Steps of an epoch.
  public var stepsPerEpoch: Int { batches.count }

  /// The work of the rank that has the most in a step, on average over the epoch: the others wait for it.
  func most(of ranks: Int, _ work: (Int) -> Double) -> Double {
    mean { batch in
      MicroBatches.shares(of: batch, among: ranks).map { share in batch[share].reduce(0) { $0 + work($1) } }.max() ?? 0
    }
  }

  /// The most micro-batches that a rank has in a step, on average over the epoch.
  func passes(of ranks: Int, microTokens: Int) -> Double {
    mean { batch in
      let counts = MicroBatches.shares(of: batch, among: ranks).map { share in
        MicroBatches.ranges(of: Array(batch[share]), budget: microTokens).count
      }
      return Double(counts.max() ?? 0)
    }
  }

  private func mean(_ measure: ([Int]) -> Double) -> Double {
    batches.reduce(0) { $0 + measure($1) } / Double(batches.count)
  }
}
