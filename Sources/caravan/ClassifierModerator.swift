import Foundation
import Inference
import ModelFiles
import Serving
import Synchronization
import Text
import Torch
import Training

/// A classifier as the server's moderation: it reads texts as they are, without a chat template, and computes on the thread of
/// the engines, between their steps.
final class ClassifierModerator: Moderator {
  let name: String
  private let format: ChatFormat
  private let labels: ModerationLabels
  private let longest: Int
  private let vocabularySize: Int
  private let classifier: Mutex<TextClassifier>

  /// Loads a classifier.
  /// - Throws: errors of the folder, where it is no classifier, and of `ModerationLabels`.
  init(_ folder: ModelFolder, format: ChatFormat, dtype: DType, unsafe: [String], threshold: Double) throws {
    try folder.requireClassifier()
    name = folder.url.lastPathComponent
    self.format = format
    do {
      labels = try ModerationLabels(
        folder.config.labelNames, unsafe: unsafe, areIndependent: folder.config.hasIndependentLabels,
        threshold: threshold)
    } catch { throw ModelFileError(folder.url.path, error.description) }
    longest = folder.config.usualMaximumLength
    vocabularySize = folder.config.vocabularySize
    classifier = Mutex(try TextClassifier(folder, dtype: dtype))
  }

  func verdicts(on texts: [String]) async throws -> [ModerationVerdict] {
    var verdicts: [ModerationVerdict] = []
    for text in texts { verdicts.append(try await verdict(on: text)) }
    return verdicts
  }

  /// A text that is too long is judged in parts that overlap; each must pass.
  private func verdict(on text: String) async throws -> ModerationVerdict {
    let tokens = format.tokens(text)
    guard let greatest = tokens.max() else { return ModerationVerdict(isFlagged: false) }
    guard greatest < vocabularySize else {
      throw ModerationError(
        "the classifier's tokenizer writes the token \(greatest), which the classifier does not have")
    }
    var verdict: ModerationVerdict?
    for part in Self.parts(of: tokens, longest: longest) {
      try Task.checkCancellation()
      let logits = try await ComputeThread.shared.run { [self] in
        try classifier.withLock { try $0.logits(of: [part])[0] }
      }
      let next = try labels.verdict(logits)
      verdict = verdict?.joined(with: next) ?? next
    }
    return verdict ?? ModerationVerdict(isFlagged: true)
  }

  /// Stretches of at most `longest` tokens, each beginning a quarter before the end of the one before.
  static func parts(of tokens: [Int32], longest: Int) -> [[Int32]] {
    var (parts, start): ([[Int32]], Int) = ([], 0)
    while true {
      let end = min(start + longest, tokens.count)
      parts.append(Array(tokens[start..<end]))
      guard end < tokens.count else { return parts }
      start = max(start + 1, end - longest / 4)
    }
  }
}

extension ModerationVerdict {
  /// The worse of both in everything.
  fileprivate func joined(with other: ModerationVerdict) -> ModerationVerdict {
    ModerationVerdict(
      isFlagged: isFlagged || other.isFlagged,
      categories: zip(categories, other.categories).map { own, other in
        (own.score ?? 0) >= (other.score ?? 0) ? own : other
      })
  }
}
