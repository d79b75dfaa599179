import Foundation
import JSON

extension Jinja {
  /// Numbers as Python computes and prints them.
  enum PythonNumber {
    /// `repr(float)`: the shortest digits that read back the same, with an exponent below 1e-4 and from 1e16 on.
    static func text(_ value: Double) -> String {
      if value.isNaN { return "nan" }
      if value.isInfinite { return value < 0 ? "-inf" : "inf" }
      let sign = value.sign == .minus ? "-" : ""
      if value == 0 { return sign + "0.0" }
      var digits = ""
      var point = 0
      let parts = "\(value.magnitude)".split(separator: "e")
      let fraction = parts[0].split(separator: ".")
      digits = String(fraction[0]) + (fraction.count > 1 ? String(fraction[1]) : "")
      point = fraction[0].count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
      let zeros = digits.prefix { $0 == "0" }.count
      digits = String(digits.dropFirst(zeros))
      point -= zeros
      while digits.last == "0" { digits.removeLast() }
      if point <= -4 || point > 16 {
        let exponent = point - 1
        let rest = digits.dropFirst()
        let magnitude = String(abs(exponent))
        return sign + digits.prefix(1) + (rest.isEmpty ? "" : "." + rest) + "e" + (exponent < 0 ? "-" : "+")
          + (magnitude.count < 2 ? "0" : "") + magnitude
      }
      if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
      if point >= digits.count { return sign + digits + String(repeating: "0", count: point - digits.count) + ".0" }
      return sign + digits.prefix(point) + "." + digits.dropFirst(point)
    }

    /// `round(value, digits)`: exact decimal rounding, ties to even.
    static func round(_ value: Double, digits: Int) -> Double {
      guard value.isFinite, digits <= 323 else { return value }
      if digits >= 0 { return Double(String(format: "%.\(digits)f", value)) ?? value }
      guard digits >= -308 else { return value.sign == .minus ? -0.0 : 0 }
      let unit = pow(10, Double(-digits))
      return (value / unit).rounded(.toNearestOrEven) * unit
    }

    /// `//`: the quotient rounded down.
    static func floorDivide(_ a: Int, _ b: Int) throws -> Int {
      guard b != 0 else { throw Failure("integer division or modulo by zero") }
      let (quotient, overflow) = a.dividedReportingOverflow(by: b)
      guard !overflow else { throw tooLarge }
      return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient
    }

    /// `%`: the remainder has the sign of the divisor.
    static func modulo(_ a: Int, _ b: Int) throws -> Int {
      guard b != 0 else { throw Failure("integer division or modulo by zero") }
      if b == -1 { return 0 }
      let remainder = a % b
      return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder
    }

    static func floorDivide(_ a: Double, _ b: Double) throws -> Double {
      guard b != 0 else { throw Failure("float floor division by zero") }
      return ((a - (try modulo(a, b))) / b).rounded(.toNearestOrEven)
    }

    static func modulo(_ a: Double, _ b: Double) throws -> Double {
      guard b != 0 else { throw Failure("float modulo") }
      let remainder = fmod(a, b)
      if remainder == 0 { return Double(signOf: b, magnitudeOf: 0) }
      return (remainder < 0) != (b < 0) ? remainder + b : remainder
    }

    static func power(_ base: Int, _ exponent: Int) throws -> Int {
      var result = 1
      var base = base
      var exponent = exponent
      while exponent > 0 {
        if exponent & 1 == 1 { result = try checked(result.multipliedReportingOverflow(by: base)) }
        exponent >>= 1
        if exponent > 0 { base = try checked(base.multipliedReportingOverflow(by: base)) }
      }
      return result
    }

    static func checked(_ result: (partialValue: Int, overflow: Bool)) throws -> Int {
      guard !result.overflow else { throw tooLarge }
      return result.partialValue
    }

    static let tooLarge = Failure("an integer does not fit 64 bits")

    /// `int(text, base)`; nil where the text is no integer.
    static func integer(_ text: String, base: Int = 10) -> Int? {
      var digits = PythonText.strip(text)[...]
      var negative = false
      if digits.first == "-" || digits.first == "+" { negative = digits.removeFirst() == "-" }
      let prefixes = [16: "0x", 8: "0o", 2: "0b"]
      var base = base
      if base == 0 { base = prefixes.first { digits.lowercased().hasPrefix($0.value) }?.key ?? 10 }
      if let prefix = prefixes[base], digits.lowercased().hasPrefix(prefix) { digits = digits.dropFirst(2) }
      guard (2...36).contains(base), let first = digits.first, first != "-", first != "+", first != "_",
        digits.last != "_", !digits.contains("__")
      else { return nil }
      return Int((negative ? "-" : "") + digits.filter { $0 != "_" }, radix: base)
    }

    /// `float(text)`; nil where the text is no number.
    static func float(_ text: String) -> Double? {
      let text = PythonText.strip(text).lowercased()
      let unsigned = text.first == "-" || text.first == "+" ? String(text.dropFirst()) : text
      if ["inf", "infinity"].contains(unsigned) { return text.first == "-" ? -.infinity : .infinity }
      if unsigned == "nan" { return .nan }
      guard unsigned.allSatisfy({ "0123456789.e+-_".contains($0) }), !unsigned.contains("__") else { return nil }
      return Double(
        (unsigned.hasPrefix(".") ? text.replacing(".", with: "0.", maxReplacements: 1) : text)
          .filter { $0 != "_" }) ?? (unsigned.hasSuffix(".") ? Double(text + "0") : nil)
    }
  }
}
