import Foundation

/// How fast work goes, smoothed: what happened a time ago counts less by half for every `halfLife` seconds.
struct Rate {
  static let halfLife = 30.0

  private var done = 0.0
  private var seconds = 0.0

  /// Units a second; nil until some are done.
  var perSecond: Double? { done > 0 && seconds > 0 ? done / seconds : nil }

  mutating func add(_ units: Int, in elapsed: Double) {
    guard elapsed > 0 else { return done += Double(units) }
    let fading = exp2(-elapsed / Self.halfLife)
    done = done * fading + Double(units)
    seconds = seconds * fading + elapsed
  }
}
