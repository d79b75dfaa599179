import Foundation
import JSON
import TestSupport
import Testing
import Text

@testable import Rewards

/// Programs that say what answers are worth, good ones and bad ones.
@Suite(.timeLimit(.minutes(3))) struct RewardCommandTests {
  private static func answers(_ count: Int, longer: Int = 0) -> [RewardedAnswer] {
    (0..<count).map { index in
      RewardedAnswer(
        prompt: [Message(role: "user", content: "2 + 2?")],
        text: "line\n\(index)" + String(repeating: "x", count: longer),
        tokens: [4, 2], columns: ["ground_truth": "4"])
    }
  }

  private static func outcomes(_ line: String, _ count: Int = 3, limit: Duration = .seconds(20)) throws
    -> [RewardOutcome]
  {
    try RewardCommand(line, limit: limit).rewards(for: answers(count))
  }

  /// A program of the shell that writes what `body` says for each request, whose id it knows.
  private static func program(_ body: String) -> String {
    "while read -r line; do id=${line#*id\\\": }; id=${id%%,*}; \(body); done"
  }

  @Test func aProgramSeesAnswersAndRewardsThem() throws {
    let folder = try TemporaryFolder()
    let command = try RewardCommand(
      Self.program(
        #"printf '%s\n' "$line" >> "# + "'\(folder.path("seen"))'" + #"; echo "{\"id\": $id, \"reward\": $id}""#))
    #expect(try command.rewards(for: Self.answers(2)) == [.reward(0), .reward(1)])
    // The same process goes on.
    #expect(try command.rewards(for: Self.answers(1)) == [.reward(2)])
    #expect(try command.rewards(for: []) == [])
    let first = try #require(folder.text("seen").split(separator: "\n").first)
    #expect(
      first == #"""
        {"id": 0, "prompt": [{"role": "user", "content": "2 + 2?"}], "answer": "line\n0", "ended": true, "tokens": 2, "record": {"ground_truth": "4"}}
        """#)
  }

  @Test func bareNumbersNullsAndErrors() throws {
    #expect(try Self.outcomes("while read line; do echo 0.5; done") == Array(repeating: .reward(0.5), count: 3))
    #expect(try Self.outcomes("while read line; do echo; echo null; done") == Array(repeating: .notMine, count: 3))
    let error = try Self.outcomes(Self.program(##"printf '{"id": %d, "error": "no\\nluck"}\n' "$id""##))
    #expect(error == Array(repeating: .failed("no luck"), count: 3))
    #expect(
      try Self.outcomes("while read line; do echo NaN; done", 1) == [.failed("the reward is nan, not a finite number")])
    #expect(
      try Self.outcomes("while read line; do echo '\"5\"'; done", 1) == [
        .failed("the reward is a string, not a number or null")
      ])
    #expect(try Self.outcomes(Self.program(#"echo "{\"id\": $id}""#), 1) == [.failed("the reply has no 'reward'")])
  }

  @Test func repliesInAnyOrder() throws {
    let reversed = Self.program(
      #"all="$id $all"; if [ $id = 2 ]; then for id in $all; do echo "{\"id\": $id, \"reward\": $id}"; done; fi"#)
    #expect(try Self.outcomes(reversed) == [.reward(0), .reward(1), .reward(2)])
  }

  /// More than pipes hold, both ways.
  @Test func manyLongAnswers() throws {
    let command = try RewardCommand(Self.program(#"printf "{\"id\": $id, \"reward\": ${#line}}%2000s\n" """#))
    let outcomes = try command.rewards(for: Self.answers(130, longer: 5000))
    #expect(outcomes.count == 130 && outcomes.allSatisfy { ($0.value ?? 0) > 5000 })
  }

  @Test func aProgramThatDiesIsStartedAgain() throws {
    // Each process answers two.
    let outcomes = try Self.outcomes("read line; echo 1; read line; echo 2; read line; exit 3", 7)
    let death = RewardOutcome.failed("the program closed its output and ended with status 3")
    #expect(outcomes == [.reward(1), .reward(2), death, .reward(1), .reward(2), death, .reward(1)])
  }

  @Test func aProgramThatIsNoneFailsSoon() throws {
    let outcomes = try Self.outcomes("no-such-program 2> /dev/null", 100)
    guard case .failed(let reason) = outcomes[0], case .failed(let last) = outcomes[99] else {
      Issue.record("no failure")
      return
    }
    #expect(
      reason.hasSuffix("and ended with status 127") && last.hasSuffix("and ended with status 127, 3 times in a row"))
    #expect(outcomes.allSatisfy { $0.value == nil })
  }

  @Test(arguments: [
    ("sleep 1000", "gave no reward within 0.3 seconds"),
    ("sleep 1000 & exec sleep 1000", "gave no reward within 0.3 seconds"),
    ("trap '' TERM HUP; while true; do sleep 1; done", "gave no reward within 0.3 seconds"),
    ("yes ''", "gave no reward within 0.3 seconds"),
    ("yes nonsense", "wrote 'nonsense', which is not JSON"),
    ("yes '{\"id\": -1, \"reward\": 0}'", "wrote a reward for the id -1, which it was not asked for"),
    ("tr '\\0' x < /dev/zero", "wrote a line longer than 64 KiB"),
    ("exec 1>&-; sleep 1000", "closed its output"),
    ("printf '{'; sleep 1000", "gave no reward within 0.3 seconds"),
    ("kill -9 $$", "closed its output and was ended by signal 9"),
  ])
  func hostileProgramsOnlyFail(line: String, reason: String) throws {
    let start = ContinuousClock.now
    let outcomes = try Self.outcomes(line, 10, limit: .milliseconds(300))
    #expect(outcomes[0] == .failed("the program \(reason)"))
    #expect(outcomes[9] == .failed("the program \(reason), 3 times in a row"))
    #expect(ContinuousClock.now - start < .seconds(30))
  }

  @Test func aProgramThatReadsNothing() throws {
    let outcomes = try RewardCommand("exec 0<&-; sleep 1000", limit: .seconds(20)).rewards(
      for: Self.answers(3, longer: 1 << 20))
    #expect(outcomes.allSatisfy { $0.value == nil })
    guard case .failed(let reason) = outcomes[0] else { return }
    #expect(reason.hasPrefix("the program closed its input"))
  }

  /// A line without being asked is no reward of the next batch.
  @Test func surplusIsNoReward() throws {
    let command = try RewardCommand(
      "while read line; do echo '{\"id\": 0, \"reward\": 9}'; echo '{\"id\": 0, \"reward\": 9}'; done")
    #expect(try command.rewards(for: Self.answers(1)) == [.reward(9)])
    #expect(try command.rewards(for: Self.answers(1)).allSatisfy { $0.value == nil })
  }

  @Test func whatCannotBeACommand() {
    #expect(throws: RewardError("the command is blank; give a line for the shell")) { try RewardCommand(" ") }
    #expect(throws: RewardError("the time limit is 0.0 seconds; give more than 0 and at most a day")) {
      try RewardCommand("cat", limit: .zero)
    }
  }

  @Test func itsProcessesEndWithIt() throws {
    let folder = try TemporaryFolder()
    do {
      let command = try RewardCommand(
        "echo $$ > '\(folder.path("process"))'; sleep 1000 & while read line; do echo 1; done; sleep 1000")
      #expect(try command.rewards(for: Self.answers(1)) == [.reward(1)])
    }
    let process = try #require(Int32(folder.text("process").trimmingCharacters(in: .whitespacesAndNewlines)))
    // The group is killed at once; that the system has forgotten it may take a moment.
    for _ in 0..<100 where kill(-process, 0) == 0 { usleep(20_000) }
    #expect(kill(-process, 0) == -1)
  }
}
