/// A text from outside, as a server or a program sends it, fit for a message: on one line, without control characters, and cut
/// where it is longer than `limit` code points.
package func plainLine(_ text: String, limit: Int) -> String {
  let shown = text.unicodeScalars.prefix(limit).map { scalar in
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: " "
    default: String(scalar)
    }
  }
  return shown.joined() + (text.unicodeScalars.count > limit ? "…" : "")
}
