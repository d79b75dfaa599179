import Foundation

extension MetricValue {
  /// The metric's name, with the way in which answers were read where there is one.
  public var label: String { metric.filter == "none" ? metric.name : "\(metric.name) (\(metric.filter))" }

  /// Whether the value is from 0 to 1 and so read as a percentage.
  var isShare: Bool { metric.name != "length" }

  /// The value in percent with its standard error: `57.2 ± 1.4`.
  public var text: String {
    let factor = isShare ? 100.0 : 1
    let number = String(format: "%.1f", factor * value)
    return number + (standardError.map { String(format: " ± %.1f", factor * $0) } ?? "")
  }
}
