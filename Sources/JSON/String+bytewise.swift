// Texts from outside are compared by their bytes. Swift's own operators and methods compare by canonical equivalence, which
// takes time quadratic in a run of combining marks. What is declared here goes before Swift's wherever JSON is imported.

extension String {
  package static func == (a: String, b: String) -> Bool {
    a.utf8.count == b.utf8.count && a.utf8.elementsEqual(b.utf8)
  }
  package static func != (a: String, b: String) -> Bool { !(a == b) }
  package static func ~= (pattern: String, text: String) -> Bool { pattern == text }
  package static func < (a: String, b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
}

extension StringProtocol {
  package static func == (a: Self, b: some StringProtocol) -> Bool {
    a.utf8.count == b.utf8.count && a.utf8.elementsEqual(b.utf8)
  }
  package static func != (a: Self, b: some StringProtocol) -> Bool { !(a == b) }

  package func hasPrefix(_ prefix: some StringProtocol) -> Bool { utf8.starts(with: prefix.utf8) }
  package func hasSuffix(_ suffix: some StringProtocol) -> Bool { utf8.reversed().starts(with: suffix.utf8.reversed()) }
}

package func == (a: String?, b: String?) -> Bool {
  switch (a, b) {
  case (let a?, let b?): a == b
  case (nil, nil): true
  default: false
  }
}
package func != (a: String?, b: String?) -> Bool { !(a == b) }

// Swift prefers its own operator where one side is a literal, but for these.
package func == (a: String?, b: String) -> Bool { a.map { $0 == b } ?? false }
package func != (a: String?, b: String) -> Bool { !(a == b) }

extension Sequence<String> {
  package func contains(_ text: String) -> Bool { contains { $0 == text } }
}

extension Collection<String> {
  package func firstIndex(of text: String) -> Index? { firstIndex { $0 == text } }
}

extension Character {
  package static func == (a: Character, b: Character) -> Bool {
    a.unicodeScalars.elementsEqual(b.unicodeScalars)
  }
  package static func != (a: Character, b: Character) -> Bool { !(a == b) }
}
