import Foundation

/// A child process with all that it starts, which end together.
final class ProcessGroup {
  private let process: pid_t
  /// How it ended, as `waitpid` says it; -1 before.
  private(set) var status: Int32 = -1

  /// Starts a program, whose path is the first of `command`, without input and output.
  /// - Parameters:
  ///   - folder: what it is told is its user's.
  ///   - errors: the file that gets its error stream.
  /// - Throws: `EvaluationError` where the system refuses.
  init(_ command: [String], home folder: String, errors: String) throws(EvaluationError) {
    #if canImport(Darwin)
      var (actions, attributes): (posix_spawn_file_actions_t?, posix_spawnattr_t?)
    #else
      var (actions, attributes) = (posix_spawn_file_actions_t(), posix_spawnattr_t())
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT, 0o600)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    // Nothing of this process's environment, tokens least of all, is a program's business.
    let variables = ["PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=\(folder)"]
    var arguments = command.map { (text: String) in strdup(text) } + [nil]
    var environment = variables.map { (text: String) in strdup(text) } + [nil]
    defer { for text in arguments + environment { free(text) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, command[0], &actions, &attributes, &arguments, &environment)
    guard code == 0 else { throw EvaluationError("\(command[0]): \(String(cString: strerror(code)))") }
    self.process = process
  }

  /// Waits for its end, and ends whatever is left then.
  /// - Returns: whether it ended in time.
  func wait(seconds: Double) -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    var ended = waitpid(process, &status, WNOHANG)
    while ended == 0, ContinuousClock.now < end {
      usleep(2000)
      ended = waitpid(process, &status, WNOHANG)
    }
    kill(-process, SIGKILL)
    if ended == 0 { waitpid(process, &status, 0) }
    return ended == process
  }
}
