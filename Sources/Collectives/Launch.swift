import Foundation
import Synchronization

/// How this process was launched: alone, or as one of several that a launcher counts in its environment.
public struct Launch: Sendable, Equatable {
  /// Its number, as the launcher says.
  public let rank: Int
  /// How many the launcher started.
  public let count: Int
  let carrier: Carrier

  enum Carrier: Sendable, Equatable {
    case none
    /// The names of libraries, the likeliest first.
    case mpi([String])
    /// Sockets that meet at the first rank's host.
    case sockets(host: String, port: Int, run: String)
  }

  /// What an environment says.
  /// - Throws: `CollectiveError` where it contradicts itself.
  public init(_ environment: [String: String] = ProcessInfo.processInfo.environment) throws {
    func number(_ names: String...) -> Int? { names.lazy.compactMap { environment[$0].flatMap { Int($0) } }.first }

    // Where torchrun was itself started by srun or mpirun, its processes have the numbers of both, and its own count.
    let isTorchrun = number("WORLD_SIZE") != nil && number("RANK") != nil
    let isWithin = isTorchrun && environment["TORCHELASTIC_RUN_ID"] != nil
    // A program in a batch script of Slurm has the task's numbers too; only within a step they are its own.
    let step = isTorchrun ? nil : number("SLURM_STEP_NUM_TASKS")
    if let size = number("OMPI_COMM_WORLD_SIZE", "PMI_SIZE") ?? step, size > 1, !isWithin {
      guard let rank = number("OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK", "SLURM_PROCID") else {
        throw CollectiveError("the launcher started \(size) processes and tells this one no rank; use mpirun or srun")
      }
      let isOpenMPI = environment["OMPI_COMM_WORLD_SIZE"] != nil || environment["PMIX_RANK"] != nil
      self.init(rank: rank, count: size, carrier: .mpi(Self.libraries(environment["CARAVAN_MPI"], isOpenMPI)))
    } else if let size = number("WORLD_SIZE"), size > 1, let rank = number("RANK") {
      guard (0..<size).contains(rank), let host = environment["MASTER_ADDR"], let port = number("MASTER_PORT"),
        (1...65_000).contains(port)
      else {
        throw CollectiveError(
          "WORLD_SIZE and RANK say that this is one of several processes, but RANK, MASTER_ADDR and MASTER_PORT do not say where "
            + "they meet; use torchrun or mpirun, or unset WORLD_SIZE")
      }
      self.init(
        rank: rank, count: size,
        carrier: .sockets(host: host, port: port, run: environment["TORCHELASTIC_RUN_ID"] ?? ""))
    } else {
      self.init(rank: 0, count: 1, carrier: .none)
    }
  }

  private init(rank: Int, count: Int, carrier: Carrier) {
    (self.rank, self.count, self.carrier) = (rank, count, carrier)
  }

  private static func libraries(_ named: String?, _ isOpenMPI: Bool) -> [String] {
    if let named, !named.isEmpty { return [named] }
    #if os(Linux)
      let (openMPI, others) = (
        ["libmpi.so.40", "libmpi.so.80", "libmpi.so"],
        ["libmpich.so.12", "libmpi_abi.so.1", "libmpi_abi.so.0", "libmpi.so.12"]
      )
    #else
      let (openMPI, others) = (["libmpi.40.dylib"], ["libmpi.12.dylib", "libmpi_abi.dylib"])
    #endif
    return isOpenMPI ? openMPI + others : others + openMPI
  }

  private static let world = Mutex<(any Communicator)?>(nil)

  /// The processes that this one was launched with; the first call joins them, and says how long a rank may let others wait.
  /// - Throws: `CollectiveError` where that cannot be.
  public static func join(timeLimit: Duration = .seconds(1800)) throws -> any Communicator {
    try world.withLock { world in
      if let world { return world }
      let launch = try Launch()
      var joined: any Communicator =
        switch launch.carrier {
        case .none: OneProcess()
        case .mpi(let names):
          try MPIProcess(MPILibrary(names: names), expected: launch.count, timeLimit: timeLimit)
        case .sockets(let host, let port, let run):
          try SocketProcess(launch, meetingAt: host, port: port, run: run, timeLimit: timeLimit)
        }
      // Whoever fails from here on ends the others through it.
      world = joined
      if joined.count > 1, let path = ProcessInfo.processInfo.environment["CARAVAN_NCCL"], !path.isEmpty {
        let place = try joined.host().ranks.firstIndex(of: joined.rank) ?? 0
        joined = try NCCLProcess(
          NCCLLibrary(path: path), CUDADevice(place), over: joined, timeLimit: timeLimit)
        world = joined
      }
      // A process that MPI has not been told of ends all others, with MPICH as if all were well.
      if joined.count > 1 { atexit { Launch.joined?.leave() } }
      return joined
    }
  }

  /// The processes that this one has joined.
  public static var joined: (any Communicator)? { world.withLock { $0 } }

  /// Whether this process is the first of those, or on its own.
  public static var isFirst: Bool { joined?.isFirst ?? true }
}
