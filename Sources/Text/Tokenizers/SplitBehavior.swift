/// What becomes of the parts of a text that a splitting pattern matches.
enum SplitBehavior: String, Sendable {
  /// They are left out.
  case removed = "Removed"
  /// Each is a piece of its own.
  case isolated = "Isolated"
  /// Each ends the piece before it.
  case mergedWithPrevious = "MergedWithPrevious"
  /// Each begins the piece after it.
  case mergedWithNext = "MergedWithNext"
  /// Those in a row are one piece.
  case contiguous = "Contiguous"
}

/// A part of a text that a pattern matches, or that lies between two matches.
struct SplitPart: Sendable {
  var range: Range<Int>
  var isMatch: Bool
}

extension SplitBehavior {
  /// Appends the pieces that the parts of a text make; `parts` cover the text in order.
  func append(_ parts: [SplitPart], to pieces: inout [Range<Int>]) {
    switch self {
    case .removed:
      for part in parts where !part.isMatch { pieces.append(part.range) }
    case .isolated:
      for part in parts { pieces.append(part.range) }
    case .contiguous:
      for (index, part) in parts.enumerated() {
        join(part, onto: &pieces, if: index > 0 && parts[index - 1].isMatch == part.isMatch)
      }
    case .mergedWithPrevious:
      for (index, part) in parts.enumerated() {
        join(part, onto: &pieces, if: index > 0 && part.isMatch && !parts[index - 1].isMatch)
      }
    case .mergedWithNext:
      for (index, part) in parts.enumerated() {
        join(part, onto: &pieces, if: index > 0 && !part.isMatch && parts[index - 1].isMatch)
      }
    }
  }

  private func join(_ part: SplitPart, onto pieces: inout [Range<Int>], if joins: Bool) {
    if joins, let last = pieces.popLast() {
      pieces.append(last.lowerBound..<part.range.upperBound)
    } else {
      pieces.append(part.range)
    }
  }
}
