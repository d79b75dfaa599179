/// A JSON value. Objects keep the order of their keys, which chat templates print and people read.
///
/// Texts and keys are equal where their bytes are.
public enum JSON: Sendable {
  case null
  case bool(Bool)
  /// A number without fraction or exponent that fits 64 bits.
  case integer(Int)
  /// Any other number; `NaN` and `Infinity` are read as Python's `json` reads them.
  case number(Double)
  case string(String)
  case array([JSON])
  case object(TextKeyed<JSON>)
}

extension JSON {
  /// The value of an object's key; nil for other kinds of values and for keys that are not there.
  public subscript(key: String) -> JSON? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  /// The text of a string.
  public var string: String? { if case .string(let value) = self { value } else { nil } }
  /// The truth value of a boolean.
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// The elements of an array.
  public var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
  /// The members of an object, in the order of the file.
  public var object: TextKeyed<JSON>? { if case .object(let value) = self { value } else { nil } }

  /// The integer, also where it is written with a fraction of zero, as in `4096.0`.
  public var int: Int? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }

  /// The number, whole or not.
  public var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The kind of value, for messages: "a string", "null", …
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .integer, .number: "a number"
    case .string: "a string"
    case .array: "a list"
    case .object: "an object"
    }
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A whole number.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A list.
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  /// An object; of two equal keys the last wins.
  public init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(TextKeyed(elements, uniquingKeysWith: { $1 }))
  }
}
