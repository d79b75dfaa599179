/// Why it is not clear which files of a data set are meant, and what to do.
package struct LayoutError: Error, Sendable, Equatable {
  /// What stands behind the data set's name and a colon, on one line.
  package let problem: String

  init(_ problem: String) { self.problem = problem }
}

/// A text from outside, fit for a message: on one line, and cut where it is long.
func shown(_ text: String) -> String {
  let scalars = text.unicodeScalars.prefix(100).map { $0.properties.generalCategory == .control ? " " : String($0) }
  return scalars.joined() + (text.unicodeScalars.count > 100 ? "…" : "")
}

/// A few of many names, and how many more there are.
package func list(_ names: some Collection<String>, most: Int = 20) -> String {
  names.prefix(most).map(shown).joined(separator: ", ") + (names.count > most ? " and \(names.count - most) more" : "")
}
