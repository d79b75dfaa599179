import Foundation

/// A child process with all that it starts, which end together.
public final class ProcessGroup {
  /// Where one of its standard streams leads.
  public enum Stream: Sendable {
    /// Where this program's own does.
    case inherited
    /// Nowhere.
    case nothing
    /// An open descriptor of this program.
    case descriptor(Int32)
    /// A new file at a path, readable by its owner only.
    case file(String)
  }

  /// Why there is none, as the system says it.
  public struct Failure: Error, Sendable, CustomStringConvertible {
    /// The reason, as `strerror` names it.
    public let description: String
  }

  /// How its first process ended, as `waitpid` says it; -1 before.
  public private(set) var status: Int32 = -1
  private let process: pid_t

  /// Starts a program, whose path is the first of `command`. Signals are as a new program expects them.
  /// - Parameter environment: its variables, as `NAME=value`.
  public init(
    _ command: [String], environment: [String], input: Stream, output: Stream, errors: Stream
  ) throws(Failure) {
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
    for (place, stream) in [input, output, errors].enumerated() {
      let (place, flags) = (Int32(place), place == 0 ? O_RDONLY : O_WRONLY)
      switch stream {
      case .inherited: break
      case .nothing: posix_spawn_file_actions_addopen(&actions, place, "/dev/null", flags, 0)
      case .descriptor(let descriptor): posix_spawn_file_actions_adddup2(&actions, descriptor, place)
      case .file(let path): posix_spawn_file_actions_addopen(&actions, place, path, flags | O_CREAT, 0o600)
      }
    }
    // A thread that starts it may block or ignore a signal that programs expect to end them.
    var (none, pipe) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigemptyset(&pipe)
    sigaddset(&pipe, SIGPIPE)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &pipe)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
    var arguments = command.map { (text: String) in strdup(text) } + [nil]
    var variables = environment.map { (text: String) in strdup(text) } + [nil]
    defer { for text in arguments + variables { free(text) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, command[0], &actions, &attributes, &arguments, &variables)
    guard code == 0 else { throw Failure(description: String(cString: strerror(code))) }
    self.process = process
  }

  /// Waits for the end of its first process, and ends whatever is left then.
  /// - Returns: whether that ended by itself, in time.
  public func end(within limit: Duration) -> Bool {
    let deadline = ContinuousClock.now + limit
    var ended = waitpid(process, &status, WNOHANG)
    while ended == 0, ContinuousClock.now < deadline {
      usleep(2000)
      ended = waitpid(process, &status, WNOHANG)
    }
    kill(-process, SIGKILL)
    if ended == 0 { waitpid(process, &status, 0) }
    return ended == process
  }
}
