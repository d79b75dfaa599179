import Foundation
import JSON
import ModelFiles
import TestSupport
import Testing
import Text
import Training

@Suite struct TextClassifierTests {
  private let place = Checkout.fixtures(of: "TrainingTests").appending(path: "classifier")

  /// Tokens and logits are those of transformers, also of a text that ends with padding.
  @Test func logitsOfTransformers() throws {
    let rows = try #require(JSON(file: place.appending(path: "logits.json")).array)
    #expect(rows.count == 5)
    let tokens = rows.map { ($0["tokens"]?.array ?? []).compactMap { $0.int.map(Int32.init) } }
    let tokenizer = try Tokenizer(folder: place)
    for (row, tokens) in zip(rows, tokens) {
      if let text = row["text"]?.string { #expect(tokenizer.encode(text) == tokens) }
    }
    let classifier = try TextClassifier(ModelFolder(place))
    #expect(classifier.labels == ["safe", "rude", "dangerous"])
    let together = try classifier.logits(of: tokens)
    for (index, row) in rows.enumerated() {
      let expected = (row["logits"]?.array ?? []).compactMap(\.double)
      for logits in [together[index], try classifier.logits(of: [tokens[index]])[0]] {
        #expect(logits.count == 3 && zip(logits, expected).allSatisfy { abs(Double($0) - $1) < 1e-4 }, "\(index)")
      }
    }
  }
}
