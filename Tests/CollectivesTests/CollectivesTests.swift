import Foundation
import TestSupport
import Testing

@testable import Collectives

/// What ranks do together, between threads that are connected by TCP as processes are.
@Suite struct CollectivesTests {
  @Test(arguments: [1, 2, 3, 5]) func sumsAreThoseOfTheRanksInTheirOrder(count: Int) throws {
    // Longer than two pieces, with ranges of all sorts, an empty one among them.
    let size = 700_001
    let cuts = [0] + (1..<count).map { $0 == 1 ? 1 : $0 == 2 ? 1 : size * $0 / count } + [size]
    let ranges = zip(cuts, cuts.dropFirst()).map { $0..<$1 }
    let numbers = (0..<count).map { rank -> [Float] in
      let (seed, shift) = (rank &* 40_503, 31 * Float(rank))
      return (0..<size).map { (index: Int) -> Float in
        let drawn = (index &* 2_654_435_761 &+ seed) & 0xFFFF
        return Float(drawn) / 977 - shift
      }
    }
    var expected = numbers[0]
    for own in numbers.dropFirst() { for index in 0..<size { expected[index] += own[index] } }
    try together(count) { [expected] ranks in
      var own = numbers[ranks.rank]
      try own.withUnsafeMutableBufferPointer {
        try ranks.sum($0, owning: ranges)
        if count > 1 {
          for index in 0..<size where !ranges[ranks.rank].contains(index) {
            guard $0[index] == numbers[ranks.rank][index] else { return #expect(Bool(false), "\(index) has changed") }
          }
        }
        try ranks.gather($0, owned: ranges.map { [$0] })
      }
      #expect(own == expected)
    }
  }

  @Test(arguments: [1, 4]) func whatIsSaidReachesAll(count: Int) throws {
    try together(count) { ranks in
      let own = [UInt8](repeating: UInt8(ranks.rank), count: 1000 * ranks.rank)
      #expect(try ranks.gather(own) == (0..<count).map { [UInt8](repeating: UInt8($0), count: 1000 * $0) })
      #expect(try ranks.gather([Double(ranks.rank) / 3, .pi]) == (0..<count).map { [Double($0) / 3, .pi] })
      #expect(try ranks.broadcast([7, UInt8(ranks.rank)]) == [7, 0])
      #expect(try ranks.any(ranks.rank == count - 1))
      #expect(try !ranks.any(false))
      try ranks.barrier()
      let host = try ranks.host()
      #expect(host.ranks == Array(0..<count) && host.threads >= 1)
      // One sends to another what only these two speak of.
      guard count > 2 else { return }
      var bytes = [UInt8](repeating: 9, count: 3_000_000)
      if ranks.rank == 2 { try bytes.withUnsafeBytes { try ranks.send($0, to: 1) } }
      if ranks.rank == 1 {
        bytes = [UInt8](repeating: 0, count: bytes.count)
        try bytes.withUnsafeMutableBytes { try ranks.receive(into: $0, from: 2) }
        #expect(bytes.allSatisfy { $0 == 9 })
      }
    }
  }

  /// Another program may listen where ranks meet, and neither answer nor go.
  @Test func ranksMeetBesideAProgramThatIsSilent() throws {
    let port = anyPort()
    let silent = try #require(Socket.listening(at: port + 1))
    let start = ContinuousClock.now
    try together(3, port: port) { try $0.barrier() }
    withExtendedLifetime(silent) {}
    #expect(ContinuousClock.now - start < .seconds(60))
  }

  @Test func aRankThatGoesIsNamed() throws {
    try together(3) { ranks in
      if ranks.rank == 2 { return }
      do {
        while true { try ranks.barrier() }
      } catch let error as CollectiveError {
        // The other one may have noticed before, and gone itself.
        #expect(error.lost.map { $0 != ranks.rank } ?? false, "\(error)")
      }
    }
  }

  @Test func nobodyWaitsForEver() throws {
    let start = ContinuousClock.now
    try together(2, timeLimit: .seconds(1)) { ranks in
      guard ranks.rank == 0 else { return _ = usleep(2_500_000) }
      let error = #expect(throws: CollectiveError.self) { try ranks.barrier() }
      let words = "waited 1 s for rank 1: it hangs, or is slower than 'collective-timeout' allows"
      #expect(error?.description == words)
    }
    #expect(ContinuousClock.now - start < .seconds(10))
  }

  @Test func launchersAreKnownByTheirVariables() throws {
    func launch(_ environment: [String: String]) throws -> (Int, Int) {
      let launch = try Launch(environment)
      return (launch.rank, launch.count)
    }
    #expect(try launch([:]) == (0, 1))
    #expect(try launch(["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "3"]) == (3, 4))
    #expect(try launch(["PMI_SIZE": "2", "PMI_RANK": "1"]) == (1, 2))
    #expect(try launch(["OMPI_COMM_WORLD_SIZE": "1", "OMPI_COMM_WORLD_RANK": "0"]) == (0, 1))
    // A batch script of Slurm is one process, and a step's task one of several.
    #expect(try launch(["SLURM_NTASKS": "4", "SLURM_PROCID": "0"]) == (0, 1))
    #expect(try launch(["SLURM_NTASKS": "4", "SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "2"]) == (2, 4))
    let torchrun = ["RANK": "1", "WORLD_SIZE": "2", "MASTER_ADDR": "localhost", "MASTER_PORT": "29500"]
    #expect(try launch(torchrun) == (1, 2))
    #expect(try launch(["WORLD_SIZE": "1", "RANK": "0"]) == (0, 1))
    #expect(throws: CollectiveError.self) { try Launch(torchrun.filter { $0.key != "MASTER_ADDR" }) }
    // Slurm starts a torchrun on each of three hosts, or tasks that are told where they meet.
    let step = ["SLURM_STEP_NUM_TASKS": "3", "SLURM_PROCID": "2", "PMI_SIZE": "3", "PMI_RANK": "2"]
    #expect(try launch(step) == (2, 3))
    #expect(try launch(torchrun.merging(step) { $1 }.merging(["TORCHELASTIC_RUN_ID": "a"]) { $1 }) == (1, 2))
    #expect(try launch(torchrun.merging(step.filter { $0.key.hasPrefix("SLURM") }) { $1 }) == (1, 2))
    // What was left of a shell's variables is not what MPI's launcher says.
    #expect(try launch(torchrun.merging(step) { $1 }) == (2, 3))
    #expect(throws: CollectiveError.self) { try Launch(torchrun.merging(["RANK": "2"]) { $1 }) }
    #expect(
      try Launch(["PMI_SIZE": "2", "PMI_RANK": "1", "CARAVAN_MPI": "/a/libmpi.so"]).carrier == .mpi(["/a/libmpi.so"]))
  }

  @Test func aMissingLibraryIsSaidInOneLine() {
    #expect(
      throws: CollectiveError(
        "this process is one of several that MPI's launcher started, and no MPI library was found (libnone.so); install the "
          + "launcher's library (on Debian libopenmpi3 or libmpich12), or name it by CARAVAN_MPI=PATH")
    ) { try MPILibrary(names: ["libnone.so"]) }
    #expect(throws: CollectiveError.self) { try MPILibrary(names: ["libm.so.6", "libSystem.dylib"]) }
  }
}
