import Foundation
import JSON

/// What a model got on several tasks, and how it was asked.
public struct EvaluationReport: Sendable {
  /// The model, as it was named.
  public var model: String
  /// When it was asked.
  public var date: Date
  /// Seconds that it took.
  public var seconds: Double
  /// The most items of each task that were asked; nil for all.
  public var limit: Int?
  /// After whom prompts and scores are modelled.
  public var style: EvaluationStyle
  /// The type of the weights.
  public var dtype: String
  /// The chat template's text; nil where no task used it.
  public var chatTemplate: String?
  /// What people should know, a line each.
  public var remarks: [String] = []
  /// The tasks, in their order.
  public private(set) var tasks: [Entry] = []

  /// A task and what came of it.
  public struct Entry: Sendable {
    /// The task.
    public let task: any EvaluationTask
    /// The result.
    public let result: TaskResult
    /// The items, with answers and scores.
    public let scored: [ScoredItem]
    /// How many items its data have.
    public let total: Int
    /// The SHA-256 of its data's files; empty where it is not known.
    public let dataDigest: String
    /// The commit of the hub's repository that its data are of; nil where they are not the hub's.
    public let dataRevision: String?
    /// What came of asking judges; nil where none were.
    public let judging: JudgingSummary?
  }

  /// A report without tasks.
  public init(
    model: String, date: Date = Date(), seconds: Double = 0, limit: Int? = nil, style: EvaluationStyle = .standard,
    dtype: String = "float32", chatTemplate: String? = nil
  ) {
    (self.model, self.date, self.seconds, self.limit) = (model, date, seconds, limit)
    (self.style, self.dtype, self.chatTemplate) = (style, dtype, chatTemplate)
  }

  /// Adds a task.
  public mutating func add(
    _ task: any EvaluationTask, _ scored: [ScoredItem], total: Int, dataDigest: String = "",
    dataRevision: String? = nil, judging: JudgingSummary? = nil
  ) {
    let result = task.result(of: scored)
    tasks.append(
      Entry(
        task: task, result: result, scored: scored, total: total, dataDigest: dataDigest,
        dataRevision: dataRevision, judging: judging))
  }

  /// The model's name without what file systems dislike, as lm-evaluation-harness writes it.
  public var modelFolder: String {
    String(
      String.UnicodeScalarView(
        model.unicodeScalars.map { scalar in
          scalar.isASCII
            && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-._".unicodeScalars.contains(scalar))
            ? scalar : "_"
        })
    ).replacing(#/_{2,}/#) { _ in "__" }
  }

  /// The date in the names of files: 2026-11-25T17-43-42.509524.
  public var dateName: String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(identifier: "UTC")
    formatter.dateFormat = "yyyy-MM-dd'T'HH-mm-ss"
    let seconds = date.timeIntervalSince1970
    return formatter.string(from: date) + String(format: ".%06d", Int((seconds - seconds.rounded(.down)) * 1e6))
  }
}
