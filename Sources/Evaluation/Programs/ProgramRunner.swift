import Descriptors
import Foundation
import Parallel

/// Runs programs in Python that a model wrote, each where it can do little harm: in a process group of its own with bounds on
/// time, memory and files, in an empty folder, without input; and, where bubblewrap is installed, without network, and with the
/// machine's files readable only.
///
/// A program passes if it comes to its end. What ends it earlier, `exit()` too, is a failure, as for the authors of HumanEval
/// (Chen et al. 2021, arXiv 2107.03374), and like theirs the interpreter lacks what starts, stops and removes things.
public struct ProgramRunner: Sendable {
  /// What became of a program.
  public enum Outcome: Sendable, Equatable {
    /// It came to its end.
    case passed
    /// It did not, and the last line that it wrote about that.
    case failed(String)
    /// It took longer than it may.
    case timedOut
  }

  private let python: String
  private let wrapper: String?
  /// The confinement, with what Python needs where that lies in a place that is hidden.
  private let view: [String]

  /// Looks for Python and bubblewrap in `PATH`.
  /// - Parameter unconfined: run programs without bubblewrap where it is not installed.
  /// - Throws: `EvaluationError` without Python, and without bubblewrap where that is needed.
  public init(unconfined: Bool = false) throws(EvaluationError) {
    guard let python = Self.find("python3") else {
      throw EvaluationError("programs cannot be run: there is no python3 in PATH; install Python")
    }
    let (interpreter, libraries) = Self.interpreter(of: python)
    self.python = interpreter
    let view = Self.confinement(showing: libraries)
    self.view = view
    // A system may have it and forbid what it does.
    wrapper = Self.find("bwrap").flatMap { Self.works([$0] + view + [interpreter, "-I", "-c", ""]) ? $0 : nil }
    guard wrapper != nil || unconfined else {
      throw EvaluationError(
        "programs that a model wrote would run on this machine unconfined; install bubblewrap (bwrap), or allow it explicitly"
      )
    }
  }

  /// Runs programs, as many at once as there are cores.
  /// - Parameter seconds: the most that each may take.
  /// - Returns: what became of each, in their order.
  public func run(_ programs: [String], seconds: Double) -> [Outcome] {
    programs.concurrentMap { program in
      (try? outcome(of: program, seconds: seconds)) ?? .failed("cannot be started")
    }
  }

  private func outcome(of program: String, seconds: Double) throws -> Outcome {
    let folder = FileManager.default.temporaryDirectory.appending(path: "caravan-program-\(UUID().uuidString)")
    let work = folder.appending(path: "work")
    try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let token = UUID().uuidString
    try Data(program.utf8).write(to: folder.appending(path: "program.py"))
    try Data(GuardedPython.source.utf8).write(to: folder.appending(path: "main.py"))
    let report = folder.appending(path: "report")
    // The wrapper says on its error stream how it ended; the program's own output goes nowhere.
    let command = self.command(folder: folder.path, work: work.path) + [work.path, token]
    let processes = try Self.start(command, home: work.path, errors: .file(report.path))
    guard processes.end(within: .seconds(seconds)) else { return .timedOut }
    let text =
      FileManager.default.contents(atPath: report.path).map { String(decoding: $0.suffix(4096), as: UTF8.self) } ?? ""
    let last = text.split(separator: "\n").last.map(String.init) ?? ""
    return last == token ? .passed : .failed(last)
  }

  private func command(folder: String, work: String) -> [String] {
    let own = [python, "-I", "-B", folder + "/main.py", folder + "/program.py"]
    guard let wrapper else { return own }
    let places = [("tmpfs", ["/tmp"]), ("ro-bind", [folder, folder]), ("bind", [work, work]), ("chdir", [work])]
    return [wrapper] + view + Self.options(places) + own
  }

  /// Whether this machine confines programs.
  public var isConfined: Bool { wrapper != nil }

  /// No network, no other processes, and files that can only be read; people's own files, and the sockets of services, not even
  /// that.
  private static func confinement(showing libraries: [String]) -> [String] {
    let home = ProcessInfo.processInfo.environment["HOME"] ?? ""
    let hidden = Set(["/home", "/root", "/run", "/var/run", "/mnt", "/media", home]).filter { place in
      var isFolder: ObjCBool = false
      let isLink = (try? FileManager.default.destinationOfSymbolicLink(atPath: place)) != nil
      return place.count > 1 && !isLink && FileManager.default.fileExists(atPath: place, isDirectory: &isFolder)
        && isFolder.boolValue
    }.sorted()
    let shown = Set(libraries).filter { library in hidden.contains { library == $0 || library.hasPrefix($0 + "/") } }
      .sorted()
    return options(
      [
        ("unshare-all", []), ("die-with-parent", []), ("new-session", []), ("cap-drop", ["ALL"]),
        ("ro-bind", ["/", "/"]),
      ]
        + hidden.map { ("tmpfs", [$0]) } + shown.map { ("ro-bind", [$0, $0]) } + [
          ("dev", ["/dev"]), ("proc", ["/proc"]),
        ])
  }

  private static func options(_ options: [(name: String, values: [String])]) -> [String] {
    options.flatMap { ["--\($0.name)"] + $0.values }
  }

  private static func find(_ name: String) -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// The interpreter itself, where what is found only starts it, and the folders of its libraries.
  private static func interpreter(of python: String) -> (path: String, libraries: [String]) {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: python)
    process.arguments = ["-c", "import sys; print(sys.executable, sys.prefix, sys.base_prefix, sep='\\n')"]
    (process.standardOutput, process.standardInput) = (output, FileHandle.nullDevice)
    guard (try? process.run()) != nil else { return (python, []) }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let lines = text.split(separator: "\n").map(String.init)
    let path = lines.first ?? ""
    return (FileManager.default.isExecutableFile(atPath: path) ? path : python, Array(lines.dropFirst()))
  }

  private static func works(_ command: [String]) -> Bool {
    guard let processes = try? start(command, home: "/", errors: .nothing) else { return false }
    return processes.end(within: .seconds(10)) && processes.status == 0
  }

  /// Starts a program. Nothing of this process's environment, tokens least of all, is its business.
  private static func start(
    _ command: [String], home: String, errors: ProcessGroup.Stream
  ) throws(ProcessGroup.Failure) -> ProcessGroup {
    try ProcessGroup(
      command, environment: ["PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=\(home)"],
      input: .nothing, output: .nothing, errors: errors)
  }
}
