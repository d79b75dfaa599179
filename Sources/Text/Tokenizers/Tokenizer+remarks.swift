extension Tokenizer {
  static func remarks(
    _ definition: TokenizerDefinition, _ settings: TokenizerSettings, missing: [(name: String, text: String)]
  ) -> [String] {
    var remarks: [String] = []
    if let says = settings.addsBOS, says != definition.addsBOS {
      remarks.append(
        "tokenizer_config.json says that add_bos_token is \(says), but tokenizer.json puts "
          + (says ? "no token" : "a token") + " in front of a text, which counts, as in transformers 5")
    }
    if !missing.isEmpty {
      var tokens = missing.prefix(8).map { "\($0.name) \(quotedToken($0.text))" }
      if missing.count > tokens.count { tokens.append("\(missing.count - tokens.count) more") }
      remarks.append(
        "the vocabulary lacks \(tokens.joined(separator: ", ")): no such token is used, where transformers would add one "
          + "that the model does not know")
    }
    return remarks
  }
}
