import Foundation
import JSON

extension Jinja {
  /// How a `%` or `{}` format writes one number.
  struct NumberFormat {
    var type: Character
    var precision: Int?
    /// `+` or a blank: what stands before numbers that are not negative.
    var sign = ""
    var alternate = false
    /// What stands between groups of three digits.
    var grouping: Character?

    func text(of value: Double) throws -> String {
      guard (precision ?? 0) <= 1000 else { throw Failure("the precision of a format is too large") }
      let scaled = type == "%" ? value * 100 : value
      if !value.isFinite {
        let word = value.isNaN ? "nan" : "inf"
        let text = type.isUppercase ? word.uppercased() : word
        return (value.sign == .minus && !value.isNaN ? "-" : sign) + text + (type == "%" ? "%" : "")
      }
      let letter = type == "%" ? "f" : String(type)
      let magnitude = String(format: "%\(alternate ? "#" : "").\(precision ?? 6)\(letter)", scaled.magnitude)
      return (value.sign == .minus ? "-" : sign) + grouped(magnitude) + (type == "%" ? "%" : "")
    }

    func text(of value: Int) -> String {
      let radix = ["x": 16, "X": 16, "o": 8, "b": 2][type] ?? 10
      var digits = String(value.magnitude, radix: radix, uppercase: type == "X")
      if let precision, precision <= 1000, digits.count < precision {
        digits = String(repeating: "0", count: precision - digits.count) + digits
      }
      let prefix = alternate && radix != 10 ? "0\(type)" : ""
      return (value < 0 ? "-" : sign) + prefix + grouped(digits)
    }

    private func grouped(_ digits: String) -> String {
      guard let grouping else { return digits }
      let whole = digits.prefix { $0.isHexDigit && $0 != "e" }
      var result = ""
      for (index, digit) in whole.enumerated() {
        if index > 0, (whole.count - index) % 3 == 0 { result.append(grouping) }
        result.append(digit)
      }
      return result + digits.dropFirst(whole.count)
    }
  }
}
