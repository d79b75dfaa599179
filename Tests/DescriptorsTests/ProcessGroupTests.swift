import Descriptors
import Foundation
import TestSupport
import Testing

@Suite struct ProcessGroupTests {
  private static func shell(_ line: String, errors: ProcessGroup.Stream = .nothing) throws -> ProcessGroup {
    try ProcessGroup(
      ["/bin/sh", "-c", line], environment: ["PATH=/usr/bin:/bin", "WORD=here"],
      input: .nothing, output: .nothing, errors: errors)
  }

  @Test func aProgramHasItsVariablesOnlyAndItsStatusIsKnown() throws {
    let folder = try TemporaryFolder()
    let report = folder.url.appending(path: "report")
    let program = try Self.shell("read line || echo $WORD$HOME >&2; exit 3", errors: .file(report.path))
    #expect(program.end(within: .seconds(20)))
    #expect(program.status >> 8 == 3)
    #expect(try folder.text("report") == "here\n")
    let mode = try FileManager.default.attributesOfItem(atPath: report.path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  /// What is set for this program's own libraries is not for others.
  @Test func othersHaveTheEnvironmentThatThisProgramWasGiven() {
    func others(_ name: String) -> [String] { OwnEnvironment.ofOthers.filter { $0.hasPrefix(name + "=") } }
    setenv("CARAVAN_TEST_GIVEN", "by a person", 1)
    OwnEnvironment.set("CARAVAN_TEST_GIVEN", "1", unlessSet: true)
    #expect(getenv("CARAVAN_TEST_GIVEN").map { String(cString: $0) } == "by a person")
    for value in ["2", "3"] { OwnEnvironment.set("CARAVAN_TEST_GIVEN", value) }
    #expect(getenv("CARAVAN_TEST_GIVEN").map { String(cString: $0) } == "3")
    #expect(others("CARAVAN_TEST_GIVEN") == ["CARAVAN_TEST_GIVEN=by a person"])
    for unlessSet in [true, false] { OwnEnvironment.set("CARAVAN_TEST_OWN", "1", unlessSet: unlessSet) }
    #expect(getenv("CARAVAN_TEST_OWN") != nil && others("CARAVAN_TEST_OWN").isEmpty && !others("PATH").isEmpty)
  }

  @Test func whatAProgramStartedEndsWithIt() throws {
    let folder = try TemporaryFolder()
    let pid = folder.url.appending(path: "pid").path
    let program = try Self.shell("sleep 600 & echo $! > '\(pid)'; wait")
    while (try? folder.text("pid"))?.hasSuffix("\n") != true { usleep(2000) }
    #expect(!program.end(within: .milliseconds(10)))
    let child = try #require(pid_t(try folder.text("pid").dropLast()))
    // It is gone once its parent, which may be any, has seen its end.
    var state = "R"
    for _ in 0..<2000 where !["Z", ""].contains(state) {
      let status = (try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)) ?? ""
      state = status.split(separator: " ").dropFirst(2).first.map(String.init) ?? ""
      usleep(5000)
    }
    #expect(["Z", ""].contains(state))
  }

  @Test func aMissingProgramIsSaid() {
    #expect(throws: ProcessGroup.Failure.self) {
      try ProcessGroup(["/nowhere"], environment: [], input: .nothing, output: .nothing, errors: .nothing)
    }
  }
}
