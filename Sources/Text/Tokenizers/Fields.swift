import JSON

/// The fields of a part of tokenizer.json, with errors that name the part.
struct Fields {
  private let json: JSON
  /// What the part is, for messages: "decoder".
  private let name: String

  init(_ json: JSON, _ name: String) {
    self.json = json
    self.name = name
  }

  func problem(_ reason: String) -> TokenizerProblem { TokenizerProblem("the \(name) \(reason)") }

  func unsupported(_ type: String) -> TokenizerProblem { problem("\(quotedToken(type)) is not supported") }

  /// The kind of part; two parts may share a name but not a type.
  func type() throws(TokenizerProblem) -> String { try text("type") }

  /// The value of a field that must be there.
  func value(_ key: String) throws(TokenizerProblem) -> JSON {
    guard let value = json[key] else {
      throw problem(json.object == nil ? "must be an object, not \(json.kind)" : "has no field \(quotedToken(key))")
    }
    return value
  }

  func text(_ key: String, default standard: String? = nil) throws(TokenizerProblem) -> String {
    if let standard, isMissing(key) { return standard }
    let value = try self.value(key)
    guard let text = value.string else { throw wrong(key, "a string", value) }
    return text
  }

  func flag(_ key: String, default standard: Bool) throws(TokenizerProblem) -> Bool {
    if isMissing(key) { return standard }
    let value = try self.value(key)
    guard let flag = value.bool else { throw wrong(key, "true or false", value) }
    return flag
  }

  func integer(_ key: String) throws(TokenizerProblem) -> Int {
    let value = try self.value(key)
    guard let integer = value.int else { throw wrong(key, "an integer", value) }
    return integer
  }

  func list(_ key: String) throws(TokenizerProblem) -> [JSON] {
    let value = try self.value(key)
    guard let list = value.array else { throw wrong(key, "a list", value) }
    return list
  }

  private func isMissing(_ key: String) -> Bool { json.object != nil && (json[key] ?? .null) == .null }

  private func wrong(_ key: String, _ expected: String, _ value: JSON) -> TokenizerProblem {
    problem("has a field \(quotedToken(key)) that should be \(expected), not \(value.kind)")
  }
}
