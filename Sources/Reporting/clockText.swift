/// Seconds as people read them: `0:07`, `4:05`, `1:02:03`; days are hours, as in `100:00:00`.
public func clockText(_ seconds: Double) -> String {
  // Later than any run, and the end of what `Int` is sure to hold; NaN is not less.
  guard seconds < 1e12 else { return "?" }
  let whole = Int(max(0, seconds).rounded())
  func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
  let (minutes, hours) = (whole / 60 % 60, whole / 3600)
  let end = ":" + twoDigits(whole % 60)
  return hours > 0 ? "\(hours):" + twoDigits(minutes) + end : "\(minutes)" + end
}
