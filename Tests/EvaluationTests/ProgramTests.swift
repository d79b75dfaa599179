import Foundation
import JSON
import Testing

@testable import Evaluation

/// Programs that are run.
@Suite struct ProgramTests {
  private static let runner = try? ProgramRunner(unconfined: true)

  @Test(.enabled(if: runner != nil)) func onlyTheEndIsAPass() throws {
    let runner = try #require(Self.runner)
    let programs = [
      "x = 1\nassert x == 1", "assert False, 'no'", "exit()", "import sys\nsys.exit(0)", "import os\nos._exit(0)",
      "input()",
      "def f(:", "import subprocess\nsubprocess.Popen(['true'])", "import os\nos.kill(os.getpid(), 9)",
      "raise KeyboardInterrupt",
      "while True: pass", "print('x' * 10**6)", "def f(): return f()\nf()",
    ]
    let outcomes = runner.run(programs, seconds: 5)
    #expect(outcomes.enumerated().filter { $0.element == .passed }.map(\.offset) == [0, 11])
    #expect(outcomes[1] == .failed("AssertionError: no"))
    #expect(outcomes[10] == .timedOut)
  }

  @Test(.enabled(if: Gold.has("mbpp") && runner != nil)) func verdictsOfMBPP() throws {
    let lines = try Gold.lines("mbpp/executions.jsonl.gz")
    let outcomes = try #require(Self.runner).run(lines.map { $0.text("program") }, seconds: 10)
    #expect(lines.count == 257)
    for (line, outcome) in zip(lines, outcomes) {
      #expect(
        (outcome == .passed) == line["passed"]?.bool, "\(line.text("kind")) \(line["task_id"]?.int ?? 0): \(outcome)")
    }
  }
}
