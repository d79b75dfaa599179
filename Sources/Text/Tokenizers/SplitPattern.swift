import JSON

/// A way to find pieces in text: a literal text, one of the regular expressions that most published tokenizers use, matched
/// by hand since that is many times faster and follows the Unicode classes of the references exactly, or any other expression.
enum SplitPattern: Sendable {
  /// A literal text, as UTF-8; never empty.
  case literal([UInt8])
  /// The expression of GPT-2.
  case gpt2
  /// The expression of Llama 3 (`maximumDigits` 3, from OpenAI's cl100k) and Qwen2 (1).
  case cl100k(maximumDigits: Int)
  /// Any expression.
  case expression(SplitExpression)

  /// `text` is the regular expression as tokenizer.json spells it.
  init(regex text: String) throws(TokenizerProblem) {
    switch text {
    case splitExpressionOfGPT2,
      #"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#:
      self = .gpt2
    case splitExpressionOfCL100K(digits: #"\p{N}{1,3}"#):
      self = .cl100k(maximumDigits: 3)
    case splitExpressionOfCL100K(digits: #"\p{N}"#):
      self = .cl100k(maximumDigits: 1)
    default:
      guard text.utf8.count <= 4096 else {
        throw TokenizerProblem("the pre-tokenizer's regular expression has more than 4096 bytes")
      }
      self = .expression(try SplitExpression(text))
    }
  }

  /// The regular expression; nil for a literal text.
  var expression: String? {
    switch self {
    case .literal: nil
    case .gpt2: splitExpressionOfGPT2
    case .cl100k(let digits): splitExpressionOfCL100K(digits: digits == 1 ? #"\p{N}"# : #"\p{N}{1,\#(digits)}"#)
    case .expression(let expression): expression.pattern
    }
  }
}

/// The expression of GPT-2.
package let splitExpressionOfGPT2 =
  #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

/// The expression of OpenAI's cl100k, by which most vocabularies after it split text too.
/// - Parameter digits: matches the digits of one piece.
package func splitExpressionOfCL100K(digits: String) -> String {
  #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + digits
    + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
}
