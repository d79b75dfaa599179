import Foundation
import Synchronization

/// A process that MPI's launcher started, as `mpirun` or `srun`.
///
/// Only messages from one rank to another are MPI's. They are polled, so that a rank that waits for one that hangs knows when it
/// has waited long enough, and leaves its core to others meanwhile.
final class MPIProcess: Communicator {
  let rank: Int
  let count: Int
  var carrier: String? { mpi.name }
  private let mpi: MPILibrary
  private let timeLimit: Duration
  private let isLeaving = Atomic(false)
  /// How many seconds the launcher has to end this process.
  private static let patience: UInt32 = 5

  /// Joins the others. MPI allows that once in a process.
  /// - Parameter expected: how many processes the launcher says that it started.
  init(_ mpi: MPILibrary, expected: Int, timeLimit: Duration) throws {
    (self.mpi, self.timeLimit) = (mpi, timeLimit)
    // MPI is called by one thread at a time, but not always by the one that began it (MPI_THREAD_SERIALIZED).
    var given: Int32 = 0
    guard mpi.initialize(nil, nil, 2, &given) == 0 else { throw CollectiveError("\(mpi.name) cannot begin") }
    var (rank, count) = (Int32(0), Int32(1))
    _ = mpi.rank(mpi.world, &rank)
    _ = mpi.size(mpi.world, &count)
    (self.rank, self.count) = (Int(rank), Int(count))
    guard self.count == expected else {
      throw CollectiveError(
        "the launcher started \(expected) processes, and \(mpi.name) knows of \(count): they are not of one kind; use the "
          + "library's own mpirun, or with Slurm srun and its mpi=pmix or pmi2, or name the library by CARAVAN_MPI=PATH"
      )
    }
  }

  func exchange(sending: [Outgoing], receiving: [Incoming]) throws {
    try exchange(sending: sending, receiving: receiving, tag: 0, within: timeLimit)
  }

  private func exchange(sending: [Outgoing], receiving: [Incoming], tag: Int32, within limit: Duration) throws {
    var open: [(request: MPILibrary.Handle, rank: Int)] = []
    for message in receiving {
      var request = 0
      _ = mpi.receive(
        message.bytes.baseAddress, Int32(message.bytes.count), mpi.byte, Int32(message.rank), tag, mpi.world, &request)
      open.append((request, message.rank))
    }
    for message in sending {
      var request = 0
      _ = mpi.send(
        UnsafeMutableRawPointer(mutating: message.bytes.baseAddress), Int32(message.bytes.count), mpi.byte,
        Int32(message.rank), tag, mpi.world, &request)
      open.append((request, message.rank))
    }
    var wait = Wait(limit)
    // Larger than any library's MPI_Status.
    try withUnsafeTemporaryAllocation(byteCount: 256, alignment: 16) { status in
      guard let status = status.baseAddress else { return }
      while true {
        var done: Int32 = 0
        open.removeAll { request, _ in
          var request = request
          _ = mpi.test(&request, &done, status)
          return done != 0
        }
        guard let first = open.first else { return }
        try wait.again(for: first.rank)
      }
    }
  }

  func abort() -> Never {
    _ = isLeaving.exchange(true, ordering: .relaxed)
    // The launcher ends all ranks. Where it cannot be reached, MPICH waits for its answer without end.
    Thread.detachNewThread {
      sleep(Self.patience)
      _exit(1)
    }
    _ = mpi.end(mpi.world, 1)
    // Some libraries only ask the launcher to end this process.
    _exit(1)
  }

  func leave() {
    guard !isLeaving.exchange(true, ordering: .relaxed) else { return }
    // MPI waits for the others without end. One that fails has another fate than this one, and does not come.
    do { try meet() } catch { abort() }
    _ = mpi.finalize()
  }

  /// Waits for the others apart from what else they may be doing.
  private func meet() throws {
    let others = (0..<count).filter { $0 != rank }
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
    defer { room.deallocate() }
    room.initializeMemory(as: UInt8.self, repeating: 0)
    try exchange(
      sending: others.map { Outgoing(to: $0, UnsafeRawBufferPointer(rebasing: room[rank..<rank + 1])) },
      receiving: others.map { Incoming(from: $0, UnsafeMutableRawBufferPointer(rebasing: room[$0..<$0 + 1])) },
      tag: 1, within: .seconds(10))
  }
}
