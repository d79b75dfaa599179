import JSON

/// The fields of a request's body, read with errors that name the field. Unknown fields are left alone, and `null` is
/// as good as a field that is not there.
struct RequestFields {
  private var members: TextKeyed<JSON>
  /// What goes before a field's name in errors, as in `messages[2].`.
  private let prefix: String

  init(body: [UInt8]) throws(APIError) {
    guard !body.isEmpty else { throw .invalid("the body is empty; it must be a JSON object") }
    let json: JSON
    // Some editors and shells write a byte-order mark before every text.
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    do throws(JSONError) {
      json = try JSON(parsing: body.starts(with: mark) ? Array(body.dropFirst(mark.count)) : body)
    } catch {
      throw .invalid("the body is not JSON: \(error)", code: "invalid_json")
    }
    guard let members = json.object else { throw .invalid("the body must be a JSON object, found \(json.kind)") }
    self.members = members
    prefix = ""
  }

  /// An object within the body.
  init(_ json: JSON, name: String) throws(APIError) {
    guard let members = json.object else { throw Self.mismatch(name, "an object", json) }
    self.members = members
    prefix = "\(name)."
  }

  /// All of it.
  var json: JSON { .object(members) }

  /// The field's value; nil where it is absent or null.
  subscript(field: String) -> JSON? { members[field].flatMap { $0 == .null ? nil : $0 } }

  func name(_ field: String) -> String { prefix + field }

  /// The same fields with another value for one.
  func setting(_ field: String, _ value: JSON) -> RequestFields {
    var changed = self
    changed.members[field] = value
    return changed
  }

  func string(_ field: String) throws(APIError) -> String? {
    guard let value = self[field] else { return nil }
    guard let text = value.string else { throw mismatch(field, "a string", value) }
    return text
  }

  func bool(_ field: String) throws(APIError) -> Bool? {
    guard let value = self[field] else { return nil }
    guard let truth = value.bool else { throw mismatch(field, "true or false", value) }
    return truth
  }

  func int(_ field: String, in range: ClosedRange<Int>) throws(APIError) -> Int? {
    guard let value = self[field] else { return nil }
    guard let number = value.int, range.contains(number) else {
      let isOpen = range.upperBound == .max
      let expected =
        range == .min ... .max
        ? "a whole number of 64 bits"
        : isOpen
          ? "a whole number of at least \(range.lowerBound)"
          : "a whole number from \(range.lowerBound) to \(range.upperBound)"
      throw mismatch(field, expected, value)
    }
    return number
  }

  func double(_ field: String, in range: ClosedRange<Double>) throws(APIError) -> Double? {
    guard let value = self[field] else { return nil }
    guard let number = value.double, range.contains(number) else {
      throw mismatch(field, "a number from \(range.lowerBound) to \(range.upperBound)", value)
    }
    return number
  }

  func array(_ field: String) throws(APIError) -> [JSON]? {
    guard let value = self[field] else { return nil }
    guard let elements = value.array else { throw mismatch(field, "a list", value) }
    return elements
  }

  /// A text, or a list of texts.
  func strings(_ field: String) throws(APIError) -> [String]? {
    guard let value = self[field] else { return nil }
    if let text = value.string { return [text] }
    guard let elements = value.array else { throw mismatch(field, "a string or a list of strings", value) }
    var texts: [String] = []
    for (index, element) in elements.enumerated() {
      guard let text = element.string else { throw mismatch("\(field)[\(index)]", "a string", element) }
      texts.append(text)
    }
    return texts
  }

  /// Refuses a field that asks for something that is not there; `neutral` values ask for nothing.
  func refuse(_ field: String, except neutral: JSON..., instead: String? = nil) throws(APIError) {
    guard let value = self[field] else { return }
    if neutral.contains(value) { return }
    if let number = value.double, neutral.contains(where: { $0.double == number }) { return }
    let remedy = instead.map { "use '\($0)'" } ?? "leave it out"
    throw .invalid("'\(name(field))' is not supported; \(remedy)", field: name(field), code: "unsupported_parameter")
  }

  func mismatch(_ field: String, _ expected: String, _ found: JSON) -> APIError {
    Self.mismatch(name(field), expected, found)
  }

  func missing(_ field: String) -> APIError {
    .invalid("'\(name(field))' is missing", field: name(field), code: "missing_required_parameter")
  }

  private static func mismatch(_ name: String, _ expected: String, _ found: JSON) -> APIError {
    let shown =
      switch found {
      case .integer, .number, .bool: found.text
      default: found.kind
      }
    return .invalid("'\(name)' must be \(expected), found \(shown)", field: name, code: "invalid_type")
  }
}
