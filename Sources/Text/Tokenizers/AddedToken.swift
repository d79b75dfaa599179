import JSON

/// A token that is looked for in text before everything else.
struct AddedToken: Sendable {
  var id: Int32
  var content: String
  /// A control token such as `<s>`, which decoding may leave out.
  var isSpecial = false
  /// Whether white space to its left and right belongs to it.
  var stripsLeft = false
  var stripsRight = false
  /// Found only where no word character stands next to it.
  var isSingleWord = false
  /// Looked for in text after the normalizer, itself normalized.
  var isNormalized = false
}

extension AddedToken {
  /// Reads an element of `added_tokens` of tokenizer.json.
  init(_ json: JSON) throws(TokenizerProblem) {
    try self.init(json, id: try Fields(json, "added token").integer("id"))
  }

  /// Reads an element of `added_tokens_decoder` of tokenizer_config.json, whose key is the id.
  init(_ json: JSON, id: Int) throws(TokenizerProblem) {
    let fields = Fields(json, "added token")
    guard id >= 0, id <= Vocabulary.largestID else {
      throw fields.problem("\(id) should have an id within 0...\(Vocabulary.largestID)")
    }
    self.id = Int32(id)
    content = try fields.text("content")
    isSpecial = try fields.flag("special", default: false)
    stripsLeft = try fields.flag("lstrip", default: false)
    stripsRight = try fields.flag("rstrip", default: false)
    isSingleWord = try fields.flag("single_word", default: false)
    isNormalized = try fields.flag("normalized", default: !isSpecial)
  }
}
