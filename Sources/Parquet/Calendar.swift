/// Dates and times as text in the form of ISO 8601.
enum Calendar {
  private static let secondsADay: Int64 = 86_400

  /// `2024-05-17`, of the days since 1970-01-01.
  static func date(days: Int64) -> String {
    let (year, month, day) = civil(days: days)
    return "\(yearText(year))-\(pad(month, 2))-\(pad(day, 2))"
  }

  /// `13:45:30.123`, of the time since midnight, counted in units of 10^-digits s.
  static func time(_ value: Int64, digits: Int) throws(Problem) -> String {
    guard 0..<(secondsADay * power(digits)) ~= value else { throw Problem("a time lies beyond the end of its day") }
    let (seconds, fraction) = value.quotientAndRemainder(dividingBy: power(digits))
    let hours = pad(seconds / 3600, 2)
    return "\(hours):\(pad(seconds / 60 % 60, 2)):\(pad(seconds % 60, 2))\(fractionText(fraction, digits))"
  }

  /// `2024-05-17T13:45:30.123`, with a `Z` where the time is UTC, of the time since 1970.
  static func timestamp(_ value: Int64, digits: Int, isUTC: Bool) throws(Problem) -> String {
    let (days, rest) = divide(value, by: secondsADay * power(digits))
    return "\(date(days: days))T\(try time(rest, digits: digits))\(isUTC ? "Z" : "")"
  }

  /// The time in 12 bytes that Impala and Spark used to write: nanoseconds of the day, then the Julian day.
  static func timestamp96(_ bytes: UnsafeRawBufferPointer) throws(Problem) -> String {
    var cursor = ByteCursor(bytes)
    // Some writers count beyond the day's end, or back from it.
    let (days, nanoseconds) = divide(try cursor.number(Int64.self), by: secondsADay * power(9))
    let julianDay = Int64(try cursor.number(Int32.self))
    // 1970-01-01 began on Julian day 2,440,588.
    return "\(date(days: julianDay - 2_440_588 + days))T\(try time(nanoseconds, digits: 9))"
  }

  /// Year, month and day of the Gregorian calendar (H. Hinnant, "chrono-compatible low-level date algorithms").
  private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    // Counted from 0000-03-01, so that the leap day is a year's last.
    let (era, dayOfEra) = divide(days + 719_468, by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  /// The quotient rounded down, and what is left, which is never negative.
  private static func divide(_ value: Int64, by divisor: Int64) -> (Int64, Int64) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }

  private static func power(_ digits: Int) -> Int64 { (0..<digits).reduce(1) { value, _ in value * 10 } }

  /// The part behind the point in groups of three digits, as many as are needed.
  private static func fractionText(_ fraction: Int64, _ digits: Int) -> String {
    guard fraction != 0 else { return "" }
    var text = Substring(pad(fraction, digits))
    while text.hasSuffix("000") { text.removeLast(3) }
    return "." + text
  }

  private static func yearText(_ year: Int64) -> String {
    0...9999 ~= year ? pad(year, 4) : (year < 0 ? "-" : "+") + pad(abs(year), 6)
  }

  private static func pad(_ value: Int64, _ count: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, count - text.count)) + text
  }
}
