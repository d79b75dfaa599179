import Foundation
import TestSupport
import Testing

/// What starts several ranks of a command, where it is installed.
enum Launcher: String, CaseIterable, CustomTestStringConvertible {
  case openMPI = "mpirun.openmpi"
  case mpich = "mpirun.mpich"
  /// The variables that torchrun sets, without torchrun.
  case torchrun

  var testDescription: String { rawValue }

  /// Those of this machine; the others' tests are skipped.
  static let present = allCases.filter { $0 == .torchrun || $0.program != nil }

  /// MPI's launchers that are here.
  static let presentMPI = present.filter { $0 != .torchrun }

  private var program: String? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(rawValue)" }
      .first(where: FileManager.default.isExecutableFile)
  }

  /// Starts ranks of a command, each on one thread unless it says otherwise.
  func start(
    _ count: Int, _ arguments: [String], in place: Workplace, environment own: [String: String] = [:]
  ) throws -> Ranks {
    if let program {
      // More ranks than cores, and in containers by root.
      let environment = [
        "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_rmaps_base_oversubscribe": "1",
        "OMPI_MCA_btl_vader_single_copy_mechanism": "none",
      ]
      return Ranks([
        try Command(
          arguments, in: place, environment: environment.merging(own) { $1 }, launcher: [program, "-n", "\(count)"])
      ])
    }
    let port = anyPort()
    return Ranks(
      try (0..<count).map { rank in
        try Command(
          arguments, in: place,
          environment: [
            "RANK": "\(rank)", "WORLD_SIZE": "\(count)", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "\(port)",
            "OMP_NUM_THREADS": "1",
          ].merging(own) { $1 })
      })
  }

  /// Runs them to their end.
  func run(
    _ count: Int, _ arguments: [String], in place: Workplace, environment: [String: String] = [:]
  ) throws -> Outcome {
    try start(count, arguments, in: place, environment: environment).outcome()
  }
}

/// Ranks that run: one process that launched them, or each by itself.
struct Ranks {
  private let commands: [Command]

  init(_ commands: [Command]) { self.commands = commands }

  /// Waits until a condition holds.
  func until(_ condition: () throws -> Bool) throws { try commands[0].until(condition) }

  /// What they have written to standard error so far.
  var errors: String { get throws { try commands.map { try $0.errors }.joined() } }

  /// Waits for the end of all: what the first said, and a status that is not 0 where one was not.
  func outcome() throws -> Outcome {
    let outcomes = try commands.map { try $0.outcome() }
    let worst = outcomes.first { $0.status != 0 || $0.isSignal } ?? outcomes[0]
    return Outcome(
      status: worst.status, isSignal: worst.isSignal, output: outcomes[0].output,
      errors: outcomes.map(\.errors).joined())
  }

  /// The processes of the command that write a folder, the launcher not among them.
  static func processes(writing folder: String) -> [pid_t] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap(pid_t.init).filter { process in
      let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
      let arguments = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      return arguments.first == Command.executable.path && arguments.contains(folder)
    }.sorted()
  }
}
