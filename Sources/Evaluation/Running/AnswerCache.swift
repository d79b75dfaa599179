import Descriptors
import Foundation
import JSON

/// Answers that a model has given, by what it was asked: so that a run that was stopped goes on, and nothing is asked twice.
///
/// The file has a line of JSON for each answer. A line that was not finished is not read, and the next begins below it.
public final class AnswerCache {
  private var answers: TextKeyed<ModelAnswer> = [:]
  private let descriptor: Int32
  private let path: String

  /// Answers that are kept in memory only.
  public init() { (descriptor, path) = (-1, "") }

  /// Answers that are kept in a file too, which may be there already.
  /// - Throws: `EvaluationError` where it cannot be read or written.
  public init(file: URL) throws(EvaluationError) {
    path = file.path
    descriptor = open(file.path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw EvaluationError("\(file.path): cannot be written: \(String(cString: strerror(errno)))")
    }
    guard let bytes = FileManager.default.contents(atPath: file.path) else {
      throw EvaluationError("\(file.path): cannot be read")
    }
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      guard let record = try? JSON(parsing: [UInt8](line)), let (key, answer) = Self.read(record) else { continue }
      answers[key] = answer
    }
    // Whoever was killed left half a line.
    if let last = bytes.last, last != UInt8(ascii: "\n") { _ = writeAll(Array("\n".utf8), to: descriptor) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// The answer to what has a key; nil where it was not asked.
  public subscript(key: String) -> ModelAnswer? { answers[key] }

  /// Keeps an answer.
  /// - Throws: `EvaluationError` where the file cannot be written.
  public func keep(_ answer: ModelAnswer, for key: String) throws(EvaluationError) {
    answers[key] = answer
    guard descriptor >= 0 else { return }
    let code = writeAll(Array((Self.record(key, answer).text + "\n").utf8), to: descriptor)
    guard code == 0 else { throw EvaluationError("\(path): cannot be written: \(String(cString: strerror(code)))") }
  }

  private static func record(_ key: String, _ answer: ModelAnswer) -> JSON {
    switch answer {
    case .texts(let texts): ["key": .string(key), "texts": .array(texts.map(JSON.string))]
    case .likelihoods(let all):
      [
        "key": .string(key),
        "likelihoods": .array(all.map { [.number($0.logProbability), .bool($0.isGreedy)] }),
      ]
    }
  }

  private static func read(_ record: JSON) -> (String, ModelAnswer)? {
    guard let key = record["key"]?.string else { return nil }
    if let texts = record["texts"]?.array { return (key, .texts(texts.compactMap(\.string))) }
    guard let pairs = record["likelihoods"]?.array else { return nil }
    let likelihoods = pairs.compactMap { pair -> Likelihood? in
      guard let values = pair.array, values.count == 2, let number = values[0].double, let isGreedy = values[1].bool
      else { return nil }
      return Likelihood(logProbability: number, isGreedy: isGreedy)
    }
    return likelihoods.count == pairs.count ? (key, .likelihoods(likelihoods)) : nil
  }
}
