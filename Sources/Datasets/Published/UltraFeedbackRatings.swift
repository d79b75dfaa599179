import JSON

/// The ratings of an answer in UltraFeedback, from 1 to 5, for up to four aspects.
struct UltraFeedbackRatings: Sendable, Hashable {
  /// The aspects, as the file calls them.
  static let aspects = ["instruction_following", "honesty", "truthfulness", "helpfulness"]

  /// The ratings that are there.
  private(set) var values: [Double] = []
  /// Ratings that are something else than a number or `N/A`.
  private(set) var unreadable: [String] = []

  /// Their mean; nil where there is none.
  var mean: Double? {
    let mean = values.reduce(0, +) / Double(values.count)
    return mean.isFinite ? mean : nil
  }

  init() {}

  /// Reads `annotations`: an object with an object for each aspect, whose `Rating` is a number or, as published, its text.
  /// - Throws: `RecordError` where a value is of a kind that it never has.
  init(_ annotations: JSON?, _ name: String, _ fields: RecordFields) throws(RecordError) {
    guard let annotations, annotations != .null else { return }
    guard annotations.object != nil else { throw fields.mismatch(name, "an object", annotations) }
    for aspect in Self.aspects {
      guard let annotation = annotations[aspect], annotation != .null else { continue }
      guard annotation.object != nil else { throw fields.mismatch("\(name).\(aspect)", "an object", annotation) }
      switch annotation["Rating"] {
      case nil, .null?, .string("N/A")?: continue
      case .string(let text)?: read(text)
      case let value?:
        guard let rating = value.double, rating.isFinite else {
          throw fields.mismatch("\(name).\(aspect).Rating", "a finite number or its text", value)
        }
        values.append(rating)
      }
    }
  }

  private mutating func read(_ text: String) {
    // Swift would also read "nan", "infinity" and hexadecimal digits.
    let digits = text.stripped
    if digits.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }), let value = Double(digits), value.isFinite {
      values.append(value)
    } else {
      unreadable.append(text)
    }
  }
}
