/// A histogram as inline SVG, its colours taken from the page's style sheet.
struct HistogramChart {
  /// One of the histograms of a chart, all over the same ranges.
  struct Series {
    let name: String
    /// The class of its marks in the style sheet.
    let style: String
    let histogram: Histogram
  }

  let series: [Series]
  let unit: String
  /// What is counted, in the plural.
  let counted: String
  /// A length to mark, and what it is.
  var mark: (length: Int, text: String)?

  private static let (width, height) = (720.0, 240.0)
  private static let (left, right, top, bottom) = (56.0, 12.0, 20.0, 28.0)

  /// The chart.
  var svg: String {
    guard let first = series.first?.histogram else { return "" }
    let highest = max(1, series.flatMap(\.histogram.counts).max() ?? 1)
    let plotWidth = Self.width - Self.left - Self.right
    let plotHeight = Self.height - Self.top - Self.bottom
    let step = plotWidth / Double(first.counts.count)
    func x(_ length: Int) -> Double { Self.left + Double(length - first.start) / Double(first.width) * step }
    func y(_ count: Int) -> Double { Self.top + plotHeight * (1 - Double(count) / Double(highest)) }

    var marks = ""
    for count in Self.ticks(0, highest, about: 4) {
      marks +=
        #"<line class="grid" x1="\#(n(Self.left))" x2="\#(n(Self.width - Self.right))" y1="\#(n(y(count)))" y2="\#(n(y(count)))"/>"#
      marks +=
        #"<text class="tick" text-anchor="end" x="\#(n(Self.left - 8))" y="\#(n(y(count) + 4))">\#(count.grouped)</text>"#
    }
    let end = first.start + first.counts.count * first.width
    for length in Self.ticks(first.start, end, about: 8) {
      marks +=
        #"<text class="tick" text-anchor="middle" x="\#(n(x(length)))" y="\#(n(Self.height - 8))">\#(length.grouped)</text>"#
    }
    let barWidth = step / Double(series.count)
    for (place, one) in series.enumerated() {
      for (index, count) in one.histogram.counts.enumerated() where count > 0 {
        let low = first.start + index * first.width
        let bar = Self.bar(
          x: x(low) + Double(place) * barWidth + 0.5, width: max(1, barWidth - 1), top: y(count), base: y(0))
        let style = one.style == "signed" ? (low < 0 ? "second" : "first") : one.style
        marks += #"<path class="bar \#(style)" d="\#(bar)"><title>\#(title(one, index, count))</title></path>"#
      }
    }
    marks +=
      #"<line class="axis" x1="\#(n(Self.left))" x2="\#(n(Self.width - Self.right))" y1="\#(n(y(0)))" y2="\#(n(y(0)))"/>"#
    if let mark, mark.length >= first.start, mark.length <= end {
      let isRight = x(mark.length) > Self.width / 2
      marks +=
        #"<line class="mark" x1="\#(n(x(mark.length)))" x2="\#(n(x(mark.length)))" y1="\#(n(Self.top - 12))" y2="\#(n(y(0)))"/>"#
      marks +=
        #"<text class="label" text-anchor="\#(isRight ? "end" : "start")" x="\#(n(x(mark.length) + (isRight ? -6 : 6)))" y="\#(n(Self.top - 4))">\#(mark.text)</text>"#
    }
    return #"<svg viewBox="0 0 \#(n(Self.width)) \#(n(Self.height))" role="img">\#(marks)</svg>"#
  }

  /// A bar with rounded upper corners that stands on the axis.
  private static func bar(x: Double, width: Double, top: Double, base: Double) -> String {
    let radius = min(3, width / 2, max(0, base - top))
    return "M\(n(x)) \(n(base))V\(n(top + radius))Q\(n(x)) \(n(top)) \(n(x + radius)) \(n(top))"
      + "H\(n(x + width - radius))Q\(n(x + width)) \(n(top)) \(n(x + width)) \(n(top + radius))V\(n(base))Z"
  }

  private func title(_ one: Series, _ index: Int, _ count: Int) -> String {
    let low = one.histogram.start + index * one.histogram.width
    let high = low + one.histogram.width - 1
    var range = one.histogram.width == 1 ? low.grouped : "\(low.grouped) to \(high.grouped)"
    if index == 0, one.histogram.below > 0 { range = "\(high.grouped) or fewer" }
    if index == one.histogram.counts.count - 1, one.histogram.above > 0 { range = "\(low.grouped) or more" }
    return "\(one.name): \(range) \(unit), \(count.grouped) \(counted)"
  }

  /// Round numbers between two others.
  static func ticks(_ low: Int, _ high: Int, about count: Int) -> [Int] {
    let rough = max(1, (high - low) / max(1, count))
    var step = 1
    while step < rough {
      for factor in [2, 5, 10] where step < rough {
        if step * factor >= rough || factor == 10 { step *= factor; break }
      }
    }
    let first = Int((Double(low) / Double(step)).rounded(.up)) * step
    return Array(stride(from: first, through: high, by: step))
  }
}

/// A coordinate, with a digit behind the point.
private func n(_ number: Double) -> String {
  let tenths = Int((number * 10).rounded())
  return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
}

extension Int {
  /// The number with a thin space at every third digit.
  var grouped: String {
    var digits = String(magnitude)
    for place in stride(from: digits.count - 3, to: 0, by: -3) {
      digits.insert("\u{2009}", at: digits.index(digits.startIndex, offsetBy: place))
    }
    return (self < 0 ? "−" : "") + digits
  }
}
