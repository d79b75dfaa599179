import Reporting
import Terminal
import Testing

/// A terminal, or a log file, that keeps what is written, with a clock that is set by hand.
private final class Screen {
  var columns: Int?
  var time = 100.0
  var written = ""

  init(columns: Int?) { self.columns = columns }

  var output: ProgressOutput {
    ProgressOutput(columns: { self.columns }, write: { self.written += $0 }, now: { self.time })
  }

  /// What was written since the last call.
  func take() -> String {
    defer { written = "" }
    return written
  }
}

@Suite struct ProgressLineTests {
  @Test func rewritesALineOnATerminal() {
    let screen = Screen(columns: 100)
    var line = ProgressLine("training", total: 40, unit: "steps", to: screen.output)
    line.update(done: 0)
    #expect(screen.take() == "\rtraining  [>                   ] 0/40\u{1B}[K")
    screen.time += 2
    line.update(done: 1, ["loss": 0.693147, "lr": 5e-7])
    let first = "\rtraining  [>                   ] 1/40  0.5000 steps/s  1:18 left  loss 0.6931  lr 5e-07\u{1B}[K"
    #expect(screen.take() == first)
    // Too soon to draw again.
    screen.time += 0.05
    line.update(done: 2, ["loss": 0.5])
    #expect(screen.take() == "")
    line.note("saved checkpoint-2")
    let second = "\rtraining  [=>                  ] 2/40  0.9761 steps/s  0:39 left  loss 0.5000\u{1B}[K"
    #expect(screen.take() == "\r\u{1B}[Ksaved checkpoint-2\n" + second)
    line.hide()
    line.hide()
    #expect(screen.take() == "\r\u{1B}[K")
    screen.time += 3700
    line.update(done: 40, ["loss": 0.25])
    line.finish()
    let last = "\rtraining  [====================] 40/40  0.01027 steps/s  in 1:01:42  loss 0.2500\u{1B}[K"
    #expect(screen.take() == last + last + "\n")
  }

  @Test(arguments: [
    (
      200,
      "evaluating  [==========>         ] 50/100  5.000 pairs/s  0:10 left  loss 0.5000  margin 1234  accuracy 1.000"
    ),
    (87, "evaluating  50/100  5.000 pairs/s  0:10 left  loss 0.5000  margin 1234  accuracy 1.000"),
    (80, "evaluating  50/100  5.000 pairs/s  0:10 left  loss 0.5000  margin 1234"),
    (85, "evaluating  [=====>     ] 50/100  5.000 pairs/s  0:10 left  loss 0.5000  margin 1234"),
    (50, "evaluating  50/100  0:10 left  loss 0.5000"),
    (33, "evaluating  50/100  0:10 left"),
    (20, "evaluating  50/100"), (8, "evaluat"), (1, ""), (0, ""),
  ])
  func fitsTheTerminal(columns: Int, expected: String) {
    let screen = Screen(columns: columns)
    var line = ProgressLine("evaluating", total: 100, unit: "pairs", to: screen.output)
    screen.time += 10
    line.update(done: 50, ["loss": 0.5, "margin": 1234, "accuracy": 1])
    #expect(screen.take() == "\r" + expected + "\u{1B}[K")
  }

  @Test(arguments: [
    ("評価", 14, "評価  3/9"), ("評価", 6, "評価 "), ("評価", 4, "評"), ("e\u{301}te\u{301}", 10, "e\u{301}te\u{301}  3/9"),
    ("👩‍👩‍👧", 4, "👩‍👩‍👧 "), ("a\nb\u{1B}[2J\tc", 30, "ab[2Jc  [=====>         ] 3/9"),
  ])
  func countsColumnsNotCharacters(phase: String, columns: Int, expected: String) {
    let screen = Screen(columns: columns)
    var line = ProgressLine(phase, total: 9, unit: "", done: 3, to: screen.output)
    line.update(done: 3)
    #expect(screen.take() == "\r" + expected + "\u{1B}[K")
  }

  @Test func writesPlainLinesElsewhere() {
    let screen = Screen(columns: nil)
    var line = ProgressLine("training", total: 1000, unit: "steps", to: screen.output)
    for step in 1...1000 {
      // Three steps take a second, but the 500th hangs.
      screen.time += step == 500 ? 90 : 0.25
      line.update(done: step, ["loss": 1 / Double(step)])
      if step == 41 { line.note("a note") }
      if step == 100 {
        let begin = """
          training  1/1000  4.000 steps/s  4:10 left  loss 1.000
          training  41/1000  4.000 steps/s  4:00 left  loss 0.02439
          a note
          training  81/1000  4.000 steps/s  3:50 left  loss 0.01235

          """
        #expect(screen.take() == begin)
      }
    }
    line.finish()
    let lines = screen.take().split(separator: "\n")
    #expect(lines.count == 24)
    #expect(lines.last == "training  1000/1000  3.568 steps/s  in 5:40  loss 0.001000")
  }

  @Test func slowWorkIsShownOnceAMinute() {
    let screen = Screen(columns: nil)
    var line = ProgressLine("training", total: 1_000_000, unit: "steps", done: 999, to: screen.output)
    for step in 1000...1010 {
      screen.time += 20
      line.update(done: step)
    }
    line.finish()
    line.finish()
    let expected = """
      training  1000/1000000  0.05000 steps/s  5550:00:00 left
      training  1003/1000000  0.05000 steps/s  5549:59:00 left
      training  1006/1000000  0.05000 steps/s  5549:58:00 left
      training  1009/1000000  0.05000 steps/s  5549:57:00 left
      training  1010/1000000  0.05000 steps/s  5549:56:40 left

      """
    #expect(screen.take() == expected)
  }

  @Test func survivesOddCounts() {
    for columns in [nil, 80] {
      let screen = Screen(columns: columns)
      var line = ProgressLine("x", total: 0, unit: "rows", to: screen.output)
      line.update(done: 0)
      line.update(done: 5, ["a": .nan, "b": .infinity, "c": -0.0, "d": 1e300, "e": 999.96, "f": -12.345])
      line.finish()
      #expect(screen.take().contains("5/0  "))
    }
  }

  @Test(
    arguments: [
      (0, "0:00"), (7.4, "0:07"), (59.6, "1:00"), (245, "4:05"), (3600, "1:00:00"), (3723, "1:02:03"),
      (360_000, "100:00:00"), (-5, "0:00"), (.infinity, "?"), (.nan, "?"), (1e300, "?"),
    ] as [(Double, String)])
  func writesTimes(seconds: Double, text: String) {
    #expect(clockText(seconds) == text)
  }
}
