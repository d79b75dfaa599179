import Descriptors
import Foundation
import JSON

/// A child process that is spoken to in lines of JSON. One thread at a time has it.
final class RunningProgram: @unchecked Sendable {
  private let processes: ProcessGroup
  private let (input, output): (Int32, Int32)
  private var unsent: [UInt8] = []
  private var received: [UInt8] = []
  private var hasEnded = false
  /// Whether it closed a pipe, as programs do that end.
  private var hasHungUp = false

  /// A longer line is no reply.
  private static let longestLine = 64 << 10
  /// How long a program may take to end by itself once its input is closed.
  private static let patience = Duration.milliseconds(500)

  /// Starts a line of the shell, in a group of processes of its own. Its error stream is this program's.
  /// - Throws: `RewardError` where the system refuses pipes or processes.
  init(_ line: String) throws(RewardError) {
    let (toProgram, fromProgram) = (try Self.pipe(), try Self.pipe())
    defer {
      close(toProgram.reading)
      close(fromProgram.writing)
    }
    do {
      processes = try ProcessGroup(
        ["/bin/sh", "-c", line], environment: OwnEnvironment.ofOthers, input: .descriptor(toProgram.reading),
        output: .descriptor(fromProgram.writing), errors: .inherited)
    } catch {
      close(toProgram.writing)
      close(fromProgram.reading)
      throw RewardError("cannot be started: \(error)")
    }
    (input, output) = (toProgram.writing, fromProgram.reading)
    for place in [input, output] { _ = fcntl(place, F_SETFL, fcntl(place, F_GETFL) | O_NONBLOCK) }
    #if canImport(Darwin)
      _ = fcntl(input, F_SETNOSIGPIPE, 1)
    #endif
  }

  deinit { _ = end("") }

  /// Whether some of the last request is still to be written.
  var hasUnsent: Bool { !unsent.isEmpty }

  /// Writes a line, as far as the program reads it; the rest while replies are waited for.
  func send(_ line: String) { unsent += Array(line.utf8) + [UInt8(ascii: "\n")] }

  /// The next line that the program writes.
  /// - Parameter orUntilSent: return nil as soon as all is sent.
  /// - Throws: `RewardError`, which goes on from "the program", where there is none until `end`, or it is no JSON.
  func receive(orUntilSent: Bool, until end: ContinuousClock.Instant, _ limit: Duration) throws(RewardError) -> JSON? {
    while true {
      if let line = takeLine() {
        if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
        guard let reply = try? JSON(parsing: line) else {
          throw RewardError("wrote '\(shown(String(decoding: line, as: UTF8.self)))', which is not JSON")
        }
        return reply
      }
      guard received.count < Self.longestLine else {
        throw RewardError("wrote a line longer than \(Self.longestLine >> 10) KiB")
      }
      if orUntilSent, unsent.isEmpty { return nil }
      let rest = end - .now
      guard rest > .zero else { throw RewardError("gave no reward within \(limit)") }
      try exchange(within: rest)
    }
  }

  /// Reads and writes what can be.
  private func exchange(within rest: Duration) throws(RewardError) {
    var places = [
      pollfd(fd: output, events: Int16(POLLIN), revents: 0),
      // Places below 0 are passed over.
      pollfd(fd: unsent.isEmpty ? -1 : input, events: Int16(POLLOUT), revents: 0),
    ]
    guard poll(&places, 2, Int32(min(rest / .milliseconds(1), 1000)) + 1) > 0 else { return }
    if places[0].revents != 0 {
      var part = [UInt8](repeating: 0, count: Self.longestLine)
      let count = read(output, &part, part.count)
      if count > 0 { received += part[..<count] }
      guard count != 0 else { throw hangUp("closed its output") }
    } else if places[1].revents != 0 {
      let count = write(input, unsent, unsent.count)
      if count > 0 { unsent.removeFirst(count) }
      if count < 0, errno == EPIPE { throw hangUp("closed its input") }
    }
  }

  private func hangUp(_ reason: String) -> RewardError {
    hasHungUp = true
    return RewardError(reason)
  }

  private func takeLine() -> [UInt8]? {
    guard let end = received.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    defer { received.removeFirst(end + 1) }
    return Array(received[..<end])
  }

  /// Ends the program with all that it started.
  /// - Returns: the reason, with how it ended where that was the reason.
  func end(_ reason: String) -> String {
    guard !hasEnded else { return reason }
    hasEnded = true
    close(input)
    close(output)
    let isByItself = processes.end(within: Self.patience)
    guard isByItself, hasHungUp else { return reason }
    let (status, signal) = (processes.status, processes.status & 0x7F)
    return signal == 0
      ? "\(reason) and ended with status \(status >> 8 & 0xFF)" : "\(reason) and was ended by signal \(signal)"
  }

  private static func pipe() throws(RewardError) -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [0, 0]
    #if canImport(Darwin)
      let status = Darwin.pipe(&ends)
    #else
      let status = Glibc.pipe(&ends)
    #endif
    guard status == 0 else { throw RewardError("cannot be started: \(String(cString: strerror(errno)))") }
    // Other programs must not hold the ends open.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }
}
