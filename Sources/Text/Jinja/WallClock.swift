import Foundation

/// A moment as a clock on the wall shows it, without a time zone: what `strftime_now` prints in a template.
package struct WallClock: Sendable, Equatable {
  package var year: Int
  package var month: Int
  package var day: Int
  package var hour: Int
  package var minute: Int
  package var second: Int
  package var microsecond: Int

  package init(
    year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0, microsecond: Int = 0
  ) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
    self.microsecond = microsecond
  }

  /// The local time now.
  package static var now: WallClock {
    let seconds = Date().timeIntervalSince1970
    var moment = time_t(seconds.rounded(.down))
    var parts = tm()
    localtime_r(&moment, &parts)
    return WallClock(
      year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
      hour: Int(parts.tm_hour), minute: Int(parts.tm_min), second: Int(parts.tm_sec),
      microsecond: Int((seconds - seconds.rounded(.down)) * 1e6))
  }

  /// The moment as `datetime.strftime` writes it.
  package func formatted(_ format: String) throws -> String {
    guard format.utf8.count <= 4096 else { throw Jinja.Failure("the format of 'strftime_now' is too long") }
    var parts = tm()
    parts.tm_year = Int32(clamping: year - 1900)
    parts.tm_mon = Int32(clamping: month - 1)
    parts.tm_mday = Int32(clamping: day)
    parts.tm_hour = Int32(clamping: hour)
    parts.tm_min = Int32(clamping: minute)
    parts.tm_sec = Int32(clamping: second)
    // Fills in the day of the week and of the year.
    var normalized = parts
    _ = timegm(&normalized)
    parts.tm_wday = normalized.tm_wday
    parts.tm_yday = normalized.tm_yday
    var result = ""
    var directive = ""
    for character in format.unicodeScalars {
      if directive.isEmpty {
        if character == "%" { directive = "%" } else { result.unicodeScalars.append(character) }
        continue
      }
      directive.unicodeScalars.append(character)
      // `%-d` and the like, `%Ey`, `%Od` and widths go on after these.
      if "-_0^#123456789EO".unicodeScalars.contains(character), directive.utf8.count < 8 { continue }
      result += text(of: directive, parts)
      directive = ""
    }
    return result + directive
  }

  private func text(of directive: String, _ parts: tm) -> String {
    switch directive {
    case "%f":
      let digits = String(microsecond)
      return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    // A moment without a zone prints none.
    case "%z", "%Z", "%:z": return ""
    case "%%": return "%"
    default: break
    }
    // A width such as %9999999d would only pad.
    guard directive.filter({ $0.isNumber }).count <= 3 else { return directive }
    var parts = parts
    var buffer = [CChar](repeating: 0, count: 2048)
    let count = strftime(&buffer, buffer.count, directive, &parts)
    return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
