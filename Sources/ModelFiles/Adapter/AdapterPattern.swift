import JSON

/// A number for the modules whose names are, or end with, some parts: `layers.0.self_attn.q_proj`.
struct AdapterPattern: Sendable, Equatable {
  private let name: String
  private let isWhole: Bool
  let value: Double

  /// nil for an expression that is more than a name.
  init?(_ name: String, _ value: Double) {
    isWhole = name.hasPrefix("^")
    // PEFT reads an expression, in which a point stands for itself too.
    let plain = String(name.drop { $0 == "^" }).split(separator: "\\.", omittingEmptySubsequences: false).joined(
      separator: ".")
    guard plain.utf8.allSatisfy({ $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_") || $0.isLetterOrDigit }) else {
      return nil
    }
    self.name = plain
    self.value = value
  }

  func matches(_ module: String) -> Bool { isWhole ? name == module : Self.matches(name, module) }

  /// Whether a module's name is this one, or ends with it after a point.
  static func matches(_ name: String, _ module: String) -> Bool {
    let (name, module) = (Array(name.utf8), Array(module.utf8))
    return name == module || module.suffix(name.count + 1).elementsEqual([UInt8(ascii: ".")] + name)
  }
}

extension UInt8 {
  fileprivate var isLetterOrDigit: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}
