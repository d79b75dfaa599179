import Foundation
import JSON
import TestHub
import TestSupport
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

  private static let isConfined = runner?.isConfined == true

  /// Each of these gets past what Python lacks, and tries something that no program may; it comes to its end only where that
  /// worked.
  @Test(.enabled(if: isConfined)) func tenWaysOut() async throws {
    let place = try TemporaryFolder()
    let secret = try place.write("secret", "s3cret").path
    let home = FileManager.default.homeDirectoryForCurrentUser.path
    let inHome = home + "/.caravan-test-\(UUID().uuidString)"
    try Data("s3cret".utf8).write(to: URL(filePath: inHome))
    defer { try? FileManager.default.removeItem(atPath: inHome) }
    let server = try await TestHub { _ in Answer(200) }
    let port = server.address.split(separator: ":").last ?? ""
    let own = ProcessInfo.processInfo.processIdentifier
    let fresh = "import importlib, sys\nsys.modules.pop('os'); import os, posix\n"
    let ways = [
      "network": "import socket\nsocket.create_connection(('127.0.0.1', \(port)), 2)",
      "datagram":
        "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.sendto(b'x', ('8.8.8.8', 53))",
      "names": "import socket\nsocket.getaddrinfo('example.com', 80)",
      "write": fresh + "open('\(place.path)/made', 'w').write('x')",
      "system": fresh + "open('/etc/caravan-made', 'w').write('x')",
      "remove": fresh + "posix.unlink('\(secret)')",
      "home": "assert 's3cret' in open('\(inHome)').read()",
      "kill": fresh + "posix.kill(\(own), 0)",
      "environment": fresh + "assert any('CARAVAN_TEST' in k or 'TOKEN' in k for k in os.environ)",
      "processes": fresh
        + "assert any(b'caravan' in open(f'/proc/{p}/cmdline', 'rb').read() and p != str(posix.getpid()) and int(p) > 20 for p in os.listdir('/proc') if p.isdigit())",
      "memory": "x = bytearray(6 << 30)",
      "disk": "f = open('big', 'wb')\nfor _ in range(64): f.write(bytes(1 << 20))\nf.flush()",
      "mount": "import ctypes\nassert ctypes.CDLL(None).mount(b'tmpfs', b'/mnt', b'tmpfs', 0, None) == 0",
      "trace": "import ctypes\nassert ctypes.CDLL(None).ptrace(16, \(own), None, None) == 0",
    ]
    let names = ways.keys.sorted()
    let outcomes = try #require(Self.runner).run(names.map { ways[$0] ?? "" }, seconds: 5)
    for (name, outcome) in zip(names, outcomes) { #expect(outcome != .passed, "\(name)") }
    #expect(server.requests.isEmpty && !FileManager.default.fileExists(atPath: place.path("made")))
    #expect(
      FileManager.default.fileExists(atPath: secret) && !FileManager.default.fileExists(atPath: "/etc/caravan-made"))

    // A child that outlives its parent ends with it.
    let time = "61.\(UInt32.random(in: 0 ... .max))"
    let stays = """
      import importlib, sys
      sys.modules.pop('os'); import os, posix
      if posix.fork() == 0:
        posix.setsid()
        if posix.fork() == 0: posix.execv('/bin/sleep', ['sleep', '\(time)'])
        posix._exit(0)
      """
    _ = try #require(Self.runner).run([stays], seconds: 5)
    let processes = try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { Int($0) != nil }
    let left = processes.filter { process in
      let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
      return String(decoding: line, as: UTF8.self).contains(time)
    }
    #expect(left.isEmpty)
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
