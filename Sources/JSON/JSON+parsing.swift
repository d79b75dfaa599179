extension JSON {
  /// Reads one JSON value that fills the whole text; white space around it is allowed.
  ///
  /// A key that occurs twice keeps its last value. Lone surrogates (`\ud800`) and invalid UTF-8 are errors, since no
  /// Swift string can hold them and replacing them would change a person's data.
  /// - Throws: `JSONError`.
  public init(parsing text: String) throws(JSONError) {
    var text = text
    let result = text.withUTF8 { bytes in
      Result { () throws(JSONError) in try JSON(parsing: UnsafeRawBufferPointer(bytes)) }
    }
    self = try result.get()
  }

  /// Reads one JSON value that fills the whole buffer of UTF-8 bytes.
  /// - Throws: `JSONError`.
  public init(parsing bytes: UnsafeRawBufferPointer) throws(JSONError) {
    var parser = JSONParser(bytes: bytes.bindMemory(to: UInt8.self))
    self = try parser.document()
  }

  /// Reads one JSON value that fills the whole array of UTF-8 bytes.
  /// - Throws: `JSONError`.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    let result = bytes.withUnsafeBytes { bytes in Result { () throws(JSONError) in try JSON(parsing: bytes) } }
    self = try result.get()
  }
}

/// A recursive-descent reader over UTF-8 bytes (RFC 8259, with Python's `NaN` and `Infinity`).
///
/// `members` and `elements` also let a large file be read without building a `JSON` of it.
package struct JSONParser {
  /// Deeper nesting is refused: it only occurs in files made to exhaust the stack.
  static let maximumDepth = 512

  let bytes: UnsafeBufferPointer<UInt8>
  var position = 0
  var depth = 0

  package init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  mutating func document() throws(JSONError) -> JSON {
    let value = try self.value()
    try end()
    return value
  }

  /// Checks that nothing but white space is left.
  package mutating func end() throws(JSONError) {
    skipSpace()
    guard position == bytes.count else { throw error("text after the end of the value") }
  }

  /// Reads the next value.
  package mutating func value() throws(JSONError) -> JSON {
    skipSpace()
    guard let byte = peek else { throw error("the text ends where a value was expected") }
    switch byte {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    case UInt8(ascii: "N"): return try literal("NaN", .number(.nan))
    case UInt8(ascii: "I"): return try literal("Infinity", .number(.infinity))
    case UInt8(ascii: "-") where next == UInt8(ascii: "I"): return try literal("-Infinity", .number(-.infinity))
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw error("a value was expected")
    }
  }

  private mutating func object() throws(JSONError) -> JSON {
    var object = TextKeyed<JSON>()
    try members { (key, parser) throws(JSONError) in object[key] = try parser.value() }
    return .object(object)
  }

  private mutating func array() throws(JSONError) -> JSON {
    var array: [JSON] = []
    try elements { (parser) throws(JSONError) in array.append(try parser.value()) }
    return .array(array)
  }

  /// Reads an object; `member` gets each key and must read its value.
  package mutating func members(_ member: (String, inout JSONParser) throws(JSONError) -> Void) throws(JSONError) {
    skipSpace()
    guard peek == UInt8(ascii: "{") else { throw error("an object was expected") }
    try open()
    skipSpace()
    if take("}") { return close() }
    while true {
      skipSpace()
      guard peek == UInt8(ascii: "\"") else { throw error("a key in quotes was expected") }
      let key = try string()
      skipSpace()
      guard take(":") else { throw error("':' was expected after the key") }
      try member(key, &self)
      skipSpace()
      if take("}") { return close() }
      guard take(",") else { throw error("',' or '}' was expected") }
    }
  }

  /// Whether the next value is an object.
  package var isAtObject: Bool {
    mutating get {
      skipSpace()
      return peek == UInt8(ascii: "{")
    }
  }

  /// Reads a list; `element` must read each value.
  package mutating func elements(_ element: (inout JSONParser) throws(JSONError) -> Void) throws(JSONError) {
    skipSpace()
    guard peek == UInt8(ascii: "[") else { throw error("a list was expected") }
    try open()
    skipSpace()
    if take("]") { return close() }
    while true {
      try element(&self)
      skipSpace()
      if take("]") { return close() }
      guard take(",") else { throw error("',' or ']' was expected") }
    }
  }

  private mutating func number() throws(JSONError) -> JSON {
    let start = position
    _ = take("-")
    let leadingZero = peek == UInt8(ascii: "0")
    let whole = skipDigits()
    guard whole > 0 else { throw error("a digit was expected") }
    guard whole == 1 || !leadingZero else { throw error("a number may not begin with 0") }
    var isInteger = true
    if take(".") {
      isInteger = false
      guard skipDigits() > 0 else { throw error("a digit was expected after the point") }
    }
    if take("e") || take("E") {
      isInteger = false
      if !take("+") { _ = take("-") }
      guard skipDigits() > 0 else { throw error("a digit was expected in the exponent") }
    }
    let digits = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let value = Int(digits) { return .integer(value) }
    guard let value = Double(digits) else { throw error("a number was expected") }
    return .number(value)
  }

  private mutating func literal(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
    let matches = word.withUTF8Buffer { word in
      position + word.count <= bytes.count && word.elementsEqual(bytes[position..<position + word.count])
    }
    guard matches else { throw error("'\(word)' was expected") }
    position += word.utf8CodeUnitCount
    return value
  }

  private mutating func open() throws(JSONError) {
    depth += 1
    position += 1
    guard depth <= Self.maximumDepth else { throw error("nested more than \(Self.maximumDepth) deep") }
  }

  private mutating func close() { depth -= 1 }

  var peek: UInt8? { position < bytes.count ? bytes[position] : nil }
  private var next: UInt8? { position + 1 < bytes.count ? bytes[position + 1] : nil }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipDigits() -> Int {
    let start = position
    while let byte = peek, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
    return position - start
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  /// An error at the current position.
  package func error(_ reason: String) -> JSONError {
    let before = bytes[..<min(position, bytes.count)]
    let line = before.reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
    let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    return JSONError(reason: reason, line: line, column: position - lineStart + 1)
  }
}
