import Foundation
import Objectives
import Reporting

/// The progress of one phase of a run (`training`, `evaluating`, …).
///
/// On a terminal a line is rewritten in place:
///
///     training  [=======>            ] 120/320  3.21 steps/s  1:02 left  loss 0.6931  margin 0.02143
///
/// Elsewhere, as in a log file, lines are written one below the other: the first, the last, and between them one about
/// every hundredth of the work, but at most one in ten seconds and at least one a minute.
public struct ProgressLine {
  private let phase: String
  private let total: Int
  private let unit: String
  private let output: ProgressOutput

  private var done: Int
  private var metrics: [(name: String, value: Double)] = []
  private var rate = Rate()
  private let start: Double
  private var lastUpdate: Double
  /// When a line was last shown, with how much done; nil before the first.
  private var shown: (time: Double, done: Int)?

  /// A phase of `total` units, of which `done` were done before it began (a resumed run).
  /// - Parameters:
  ///   - phase: What goes on: `training`.
  ///   - unit: What is counted, in the plural: `steps`.
  public init(
    _ phase: String, total: Int, unit: String, done: Int = 0, to output: ProgressOutput = .standardError
  ) {
    self.phase = phase
    self.total = total
    self.unit = unit
    self.done = done
    self.output = output
    start = output.now()
    lastUpdate = start
  }

  /// Says how much is done by now, with a few metrics of it, the most important first.
  public mutating func update(done: Int, _ metrics: KeyValuePairs<String, Double> = [:]) {
    update(done: done, metrics.map { ($0.key, $0.value) })
  }

  /// Says how much is done by now, with a few metrics of it, the most important first.
  public mutating func update(done: Int, _ metrics: [(name: String, value: Double)]) {
    let now = output.now()
    rate.add(done - self.done, in: now - lastUpdate)
    self.done = done
    self.metrics = metrics
    lastUpdate = now
    if isDue(at: now) { show(at: now) }
  }

  /// Writes a line of text above the progress.
  public mutating func note(_ text: String) {
    guard output.columns() != nil else { return output.write(text + "\n") }
    output.write(Self.clear + text + "\n")
    if shown != nil { show(at: output.now()) }
  }

  /// Removes the line from the terminal, so that something else can be written; the next update brings it back.
  public mutating func hide() {
    guard output.columns() != nil, shown != nil else { return }
    output.write(Self.clear)
    shown = nil
  }

  /// Shows the end of the phase and leaves the line where it is.
  public mutating func finish() {
    if output.columns() != nil {
      show(at: output.now())
      output.write("\n")
    } else if shown?.done != done {
      show(at: output.now())
    }
  }

  private func isDue(at now: Double) -> Bool {
    guard let shown, done < total else { return true }
    let silence = now - shown.time
    if output.columns() != nil { return silence >= 0.1 }
    return silence >= 60 || silence >= 10 && (done - shown.done) >= total / 100
  }

  private mutating func show(at now: Double) {
    shown = (now, done)
    if let columns = output.columns() {
      // The last column stays empty: some terminals wrap when it is filled.
      output.write("\r" + line(at: now, columns: columns - 1) + "\u{1B}[K")
    } else {
      output.write(line(at: now, columns: nil) + "\n")
    }
  }

  /// The line; with `columns`, as many of its parts as fit.
  private func line(at now: Double, columns: Int?) -> String {
    let count = "\(done)/\(total)"
    let time = done >= total ? "in " + clockText(now - start) : timeLeft
    let speed = rate.perSecond.map { "\(shortText($0)) \(unit)/s" }
    let values = metrics.map { "\($0.name) \(shortText($0.value))" }
    guard let columns else {
      return ([phase, count] + [speed, time].compactMap(\.self) + values).joined(separator: "  ")
    }
    var room = columns - DisplayWidth.of(phase) - 2 - count.count
    /// Takes the room that a part needs behind two spaces, or leaves the part out.
    func fitting(_ part: String?) -> String? {
      guard let part, DisplayWidth.of(part) + 2 <= room else { return nil }
      room -= DisplayWidth.of(part) + 2
      return part
    }
    let shownTime = fitting(time)
    let firstValue = fitting(values.first)
    let shownSpeed = fitting(speed)
    let otherValues = values.dropFirst().prefix { fitting($0) != nil }
    let bar = room >= 13 ? bar(width: min(20, room - 3)) + " " : ""
    let parts = [phase, bar + count] + [shownSpeed, shownTime, firstValue].compactMap(\.self) + otherValues
    return DisplayWidth.fit(parts.joined(separator: "  "), to: max(0, columns))
  }

  private var timeLeft: String? {
    rate.perSecond.map { clockText(Double(total - done) / $0) + " left" }
  }

  private func bar(width: Int) -> String {
    let share = total > 0 ? min(1, max(0, Double(done) / Double(total))) : 1
    let filled = Int(share * Double(width))
    let head = filled < width ? ">" : ""
    let rest = String(repeating: " ", count: width - filled - head.count)
    return "[" + String(repeating: "=", count: filled) + head + rest + "]"
  }

  private static let clear = "\r\u{1B}[K"
}
