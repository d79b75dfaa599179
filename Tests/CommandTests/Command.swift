import Foundation
import Testing

/// The built `caravan` executable, run as a person runs it.
final class Command {
  private let process = Process()
  private let folder: Workplace
  private let (outputFile, errorFile): (URL, URL)

  /// The executable, which lies beside the test bundle.
  static let executable: URL = {
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
    let folder = bundle ?? Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0])
    return folder.deletingLastPathComponent().appending(path: "caravan")
  }()

  /// Starts the command in a workplace.
  /// - Parameters:
  ///   - input: what it reads on standard input; nothing without it.
  ///   - terminal: what it reads from instead.
  ///   - errors: what it writes standard error to, instead of a file.
  ///   - launcher: a program, with its arguments, that starts it.
  init(
    _ arguments: [String], in folder: Workplace, environment: [String: String] = [:], input: Pipe? = nil,
    terminal: FileHandle? = nil, errors: Pipe? = nil, launcher: [String] = []
  ) throws {
    self.folder = folder
    let name = ".\(UUID().uuidString)"
    (outputFile, errorFile) = (folder.url(name + ".out"), folder.url(name + ".err"))
    // Files rather than pipes: nothing has to be read while the command runs.
    for file in [outputFile, errorFile] { try Data().write(to: file) }
    let line = launcher + [Self.executable.path] + arguments
    process.executableURL = URL(filePath: line[0])
    process.arguments = Array(line.dropFirst())
    process.currentDirectoryURL = folder.url
    // What 'make test' has libtorch remember is for tests' own process.
    process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasSuffix("_CACHE_CAPACITY") }
      .merging([
        "CARAVAN_CACHE": folder.url("cache").path, "XDG_STATE_HOME": folder.url("state").path, "TERM": "dumb",
        "HF_HUB_OFFLINE": "1",
      ]) { $1 }.merging(
        environment
      ) { $1 }
    process.standardInput = terminal ?? input ?? FileHandle.nullDevice as Any
    process.standardOutput = try FileHandle(forWritingTo: outputFile)
    process.standardError = try errors ?? FileHandle(forWritingTo: errorFile) as Any
    try process.run()
  }

  /// Whether it has not ended yet.
  var isRunning: Bool { process.isRunning }

  /// What it has written to standard output so far.
  var output: String { get throws { String(decoding: try Data(contentsOf: outputFile), as: UTF8.self) } }
  /// What it has written to standard error so far.
  var errors: String { get throws { String(decoding: try Data(contentsOf: errorFile), as: UTF8.self) } }

  /// Waits until a condition holds.
  /// - Throws: `TestFailure` with what was said, where the command ends first or a minute passes.
  func until(_ condition: () throws -> Bool) throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try !condition() {
      guard isRunning, .now < deadline else { throw TestFailure("never happened:\n\(try output)--\n\(try errors)") }
      usleep(2000)
    }
  }

  /// Sends a signal, where it has not ended yet.
  func send(_ signal: Int32) {
    // An ended process has the number 0, which would mean the whole group, the tests among it.
    let number = process.processIdentifier
    if process.isRunning, number > 0 { kill(number, signal) }
  }

  /// Waits for its end.
  func outcome() throws -> Outcome {
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, isSignal: process.terminationReason == .uncaughtSignal, output: try output,
      errors: try errors)
  }
}

/// What a test waited for did not happen.
struct TestFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// How a command ended, and what it said.
struct Outcome: CustomStringConvertible {
  /// The exit status, or the signal's number.
  let status: Int32
  /// Whether a signal ended it.
  let isSignal: Bool
  /// What it wrote to standard output.
  let output: String
  /// What it wrote to standard error.
  let errors: String

  var description: String { "\(isSignal ? "signal" : "status") \(status)\n\(output)--\n\(errors)" }

  /// The line of standard error that begins with "Error: ", without that.
  var error: String? {
    errors.split(separator: "\n").first { $0.hasPrefix("Error: ") }.map { String($0.dropFirst("Error: ".count)) }
  }

  /// Expects success; returns the outcome.
  @discardableResult
  func succeeded(_ location: SourceLocation = #_sourceLocation) -> Outcome {
    #expect(status == 0 && !isSignal, "\(self)", sourceLocation: location)
    return self
  }

  /// Expects one line that says what is wrong, once; what follows a wrong usage may be the usage; and no output.
  func failed(_ status: Int32, _ message: String, _ location: SourceLocation = #_sourceLocation) {
    #expect(self.status == status && !isSignal, "\(self)", sourceLocation: location)
    #expect(error == message, "\(self)", sourceLocation: location)
    #expect(output.isEmpty, sourceLocation: location)
    #expect(errors.components(separatedBy: "Error: ").count == 2, "\(self)", sourceLocation: location)
    let rest = errors.components(separatedBy: "Error: \(message)\n").last ?? ""
    let isUsage = rest.isEmpty || status == 64 && (rest.hasPrefix("Help: ") || rest.hasPrefix("Usage: "))
    #expect(isUsage, "\(self)", sourceLocation: location)
  }
}
