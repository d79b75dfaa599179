import Foundation
import Objectives
import Wording

/// Curves over steps as inline SVG, in the colours of the page's style sheet.
struct CurveChart {
  /// One of the curves.
  struct Series {
    let name: String
    /// Its colour.
    let hue: Int
    let isBest: Bool
    let points: [CurvePoint]
  }

  let series: [Series]

  private static let (width, height) = (420.0, 230.0)
  private static let (left, right, top, bottom) = (54.0, 10.0, 10.0, 24.0)

  /// The chart.
  var svg: String {
    let points = series.flatMap(\.points)
    guard let first = points.first else { return "" }
    let steps = points.reduce(first.step...first.step) { min($0.lowerBound, $1.step)...max($0.upperBound, $1.step) }
    let values = points.reduce(first.value...first.value) {
      min($0.lowerBound, $1.value)...max($0.upperBound, $1.value)
    }
    let (yTicks, xTicks) = (Self.ticks(values, about: 4), Self.ticks(0...steps.upperBound, about: 5))
    let low = min(values.lowerBound, yTicks.first ?? values.lowerBound)
    let high = max(values.upperBound, yTicks.last ?? values.upperBound)
    let (plotWidth, plotHeight) = (Self.width - Self.left - Self.right, Self.height - Self.top - Self.bottom)
    func x(_ step: Double) -> Double { Self.left + plotWidth * step / max(1, steps.upperBound) }
    func y(_ value: Double) -> Double {
      high > low ? Self.top + plotHeight * (high - value) / (high - low) : Self.top + plotHeight / 2
    }

    var marks = ""
    for tick in yTicks {
      marks +=
        #"<line class="grid" x1="\#(n(Self.left))" x2="\#(n(Self.width - Self.right))" y1="\#(n(y(tick)))" y2="\#(n(y(tick)))"/>"#
      marks += #"<text text-anchor="end" x="\#(n(Self.left - 6))" y="\#(n(y(tick) + 4))">\#(Self.label(tick))</text>"#
    }
    for tick in xTicks where tick == tick.rounded() && tick <= steps.upperBound {
      marks += #"<text text-anchor="middle" x="\#(n(x(tick)))" y="\#(n(Self.height - 6))">\#(Self.label(tick))</text>"#
    }
    // The best lies above the others.
    for one in series.filter({ !$0.isBest }) + series.filter(\.isBest) {
      marks +=
        #"<g class="curve\#(one.isBest ? " best" : "")" style="--h:\#(one.hue)"><title>\#(escapedForHTML(one.name))</title>"#
      marks +=
        #"<polyline points="\#(one.points.map { "\(n(x($0.step))),\(n(y($0.value)))" }.joined(separator: " "))"/>"#
      // A few measurements are points, not a line.
      if one.points.count <= 12 {
        marks += one.points.map { #"<circle cx="\#(n(x($0.step)))" cy="\#(n(y($0.value)))" r="2.5"/>"# }.joined()
      }
      marks += "</g>"
    }
    return #"<svg viewBox="0 0 \#(n(Self.width)) \#(n(Self.height))" role="img">\#(marks)</svg>"#
  }

  /// Round numbers, from the last before a range to the first after it; the range's own where it is a single number.
  static func ticks(_ range: ClosedRange<Double>, about count: Int) -> [Double] {
    let rough = (range.upperBound - range.lowerBound) / Double(count)
    guard rough.isFinite, rough > range.upperBound.magnitude * 1e-12, rough > 1e-300 else { return [range.lowerBound] }
    let power = pow(10, log10(rough).rounded(.down))
    let step = power * ([1, 2, 5].first { $0 * power >= rough * 0.999 } ?? 10)
    let (first, last) = ((range.lowerBound / step).rounded(.down), (range.upperBound / step).rounded(.up))
    return stride(from: first, through: last, by: 1).map { $0 * step }
  }

  private static func label(_ value: Double) -> String { String(format: "%.4g", value == 0 ? 0 : value) }
}

/// A coordinate, with a digit behind the point.
private func n(_ number: Double) -> String { String(format: "%.1f", number) }
