import Foundation

/// What a file of ranks, as tiktoken has them, does not say of itself.
struct RankedFile: Sendable {
  /// The expression by which text is split.
  let expression: String
  /// The special tokens, whose ids follow the ranks.
  let specialTokens: [String]
  /// Those that begin and end a text.
  let bos: String?
  let eos: String

  /// Llama 3's tokenizer.model.
  static let llama3 = RankedFile(
    expression: splitExpressionOfCL100K(digits: #"\p{N}{1,3}"#),
    specialTokens: [
      "<|begin_of_text|>", "<|end_of_text|>", "<|reserved_special_token_0|>", "<|reserved_special_token_1|>",
      "<|finetune_right_pad_id|>", "<|reserved_special_token_2|>", "<|start_header_id|>", "<|end_header_id|>",
      "<|eom_id|>", "<|eot_id|>", "<|python_tag|>",
    ] + (3..<248).map { "<|reserved_special_token_\($0)|>" }, bos: "<|begin_of_text|>", eos: "<|end_of_text|>")

  /// qwen.tiktoken.
  static let qwen = RankedFile(
    expression: splitExpressionOfCL100K(digits: #"\p{N}"#),
    specialTokens: ["<|endoftext|>", "<|im_start|>", "<|im_end|>"] + (0..<205).map { "<|extra_\($0)|>" }, bos: nil,
    eos: "<|endoftext|>")

  /// Whether a tokenizer.model is such a file, and not SentencePiece's, which begins with a line feed.
  static func isOne(_ bytes: [UInt8]) -> Bool {
    let line = bytes.prefix(2048).prefix { $0 != UInt8(ascii: "\n") }.split(separator: UInt8(ascii: " "))
    return line.count == 2 && Int(String(decoding: line[1], as: UTF8.self).trimmingCharacters(in: .newlines)) != nil
  }
}

extension TokenizerDefinition {
  /// Reads a file of ranks: on each line a token in base64, and its rank.
  /// - Parameter hasTokens: whether other files name the special tokens.
  init(tiktoken bytes: [UInt8], _ kind: RankedFile, hasTokens: Bool) throws(TokenizerProblem) {
    var tokens = RankedTokens()
    for (number, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
      let parts = String(decoding: line, as: UTF8.self).split { $0 == " " || $0 == "\r" }
      guard parts.count == 2, let rank = Int(parts[1]), (0...Vocabulary.largestID).contains(rank) else {
        throw TokenizerProblem("line \(number + 1): a token in base64 and its rank were expected")
      }
      try tokens.add(base64: String(parts[0]), id: rank)
    }
    try self.init(tokens, splittingBy: kind.expression)
    if !hasTokens { try add(special: kind.specialTokens, from: vocabulary.idCount) }
    addsBOS = kind.bos != nil
    specialTokens["bos_token"] = kind.bos
    specialTokens["eos_token"] = kind.eos
  }
}
