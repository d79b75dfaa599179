import CNCCL
import Foundation
import TestSupport
import Testing

@testable import Collectives

/// Ranks whose numbers NCCL carries, by a stand-in for it, and what is called of NCCL itself.
@Suite struct NCCLTests {
  @Test(.enabled(if: StandInNCCL.folder != nil), arguments: [2, 3, 5]) func numbersAreSummedAndGathered(count: Int)
    throws
  {
    let size = 300_001
    let cuts = [0] + (1..<count).map { $0 == 1 ? 1 : $0 == 2 ? 1 : size * $0 / count } + [size]
    let ranges = zip(cuts, cuts.dropFirst()).map { $0..<$1 }
    let numbers = (0..<count).map { rank in (0..<size).map { Float(($0 &* 2_654_435_761 &+ rank) & 0xFFFF) / 977 } }
    var expected = numbers[0]
    for own in numbers.dropFirst() { for index in 0..<size { expected[index] += own[index] } }
    try onGPUs(count) { [expected] ranks in
      #expect(ranks.carrier == "NCCL 2.99.99, told by TCP")
      var own = numbers[ranks.rank]
      try own.withUnsafeMutableBufferPointer {
        try ranks.sum($0, owning: ranges)
        for index in 0..<size where !ranges[ranks.rank].contains(index) && $0[index] != numbers[ranks.rank][index] {
          return #expect(Bool(false), "\(index) has changed")
        }
        try ranks.gather($0, owned: ranges.map { [$0] })
      }
      // NCCL's order is its own, and does not matter to two.
      let difference = zip(own, expected).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? .nan
      #expect(count == 2 ? own == expected : difference < 1e-6, "\(difference)")
      #expect(try ranks.gather([ranks.rank]) == (0..<count).map { [$0] })
      try ranks.barrier()
    }
  }

  @Test(.enabled(if: StandInNCCL.folder != nil)) func oneSendsToAnother() throws {
    try onGPUs(3) { ranks in
      var bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 * 7 + ranks.rank) }
      if ranks.rank == 2 { try bytes.withUnsafeBytes { try ranks.send($0, to: 1) } }
      if ranks.rank == 1 {
        try bytes.withUnsafeMutableBytes { try ranks.receive(into: $0, from: 2) }
        #expect(bytes == (0..<300_000).map { UInt8(truncatingIfNeeded: $0 * 7 + 2) })
      }
      try ranks.barrier()
    }
  }

  @Test(.enabled(if: StandInNCCL.folder != nil)) func aRankThatHangsIsWaitedForNoLonger() throws {
    try onGPUs(2, timeLimit: .seconds(1)) { ranks in
      if ranks.rank == 1 { usleep(2_500_000) }
      var numbers: [Float] = [1, 2]
      let error = #expect(throws: CollectiveError.self) {
        try numbers.withUnsafeMutableBufferPointer { try ranks.sum($0, owning: [0..<1, 1..<2]) }
      }
      // The first has ended it when the second comes.
      #expect(
        error?.description
          == (ranks.rank == 0
            ? "waited 1 s for another rank: it hangs, or is slower than 'collective-timeout' allows"
            : "NCCL 2.99.99 fails: remote process exited"))
      #expect(throws: CollectiveError("NCCL 2.99.99 has ended")) {
        try numbers.withUnsafeMutableBufferPointer { try ranks.sum($0, owning: [0..<1, 1..<2]) }
      }
    }
  }

  @Test func whatIsMissingIsSaidInOneLine() throws {
    let missing = #expect(throws: CollectiveError.self) { try NCCLLibrary(path: "libnone.so") }
    #expect(missing?.description.hasPrefix("CARAVAN_NCCL names a library that does not load: libnone.so") ?? false)
    #expect(
      throws: CollectiveError(
        "NCCL carries between GPUs, and this host has no CUDA driver (libnone.so); unset CARAVAN_NCCL")
    ) { try CUDADevice(0, driver: "libnone.so") }
    #expect(
      throws: CollectiveError("NCCL at libm.so.6 has no ncclGetUniqueId; Caravan needs 2.14 or newer")
    ) { try NCCLLibrary(path: "libm.so.6") }
  }

  @Test(.enabled(if: StandInNCCL.package != nil, "make nccl fetches it"))
  func prototypesAreThoseOfItsHeader() throws {
    let folder = try TemporaryFolder()
    // What the header includes, of which it needs names.
    for name in ["cuda_fp16.h", "cuda_bf16.h", "cuda_fp8.h"] { try folder.write(name, "\n".utf8) }
    let names = [
      "#include <stddef.h>", "typedef struct CUstream_st *cudaStream_t;", "typedef struct CUevent_st *cudaEvent_t;",
    ]
    try folder.write("cuda_runtime.h", (names + [""]).joined(separator: "\n").utf8)
    let compiled = shell(
      """
      clang -fsyntax-only -Werror=incompatible-pointer-types -Werror=incompatible-function-pointer-types -I\(folder.path) \
      -I\(StandInNCCL.package ?? "")/include -I\(StandInNCCL.headers) \(StandInNCCL.sources.path)/nccl_header.c
      """)
    #expect(compiled == 0)
  }

  /// Without a GPU it says so, behind the checks of its arguments.
  @Test(.enabled(if: StandInNCCL.package != nil, "make nccl fetches it"))
  func itsOwnLibraryIsCalled() throws {
    let nccl = try NCCLLibrary(path: (StandInNCCL.package ?? "") + "/lib/libnccl.so.2")
    #expect(nccl.name.hasPrefix("NCCL 2."))
    var id = CNCCLUniqueId()
    #expect(nccl.uniqueId(&id) == CNCCL_SUCCESS)
    #expect(withUnsafeBytes(of: id) { $0.contains { $0 != 0 } })
    #expect(nccl.words(6, of: nil).hasPrefix("remote process exited or there was a network error"))
  }

  /// Runs a body on some ranks at once, each with its stand-in of a GPU.
  private func onGPUs(
    _ count: Int, timeLimit: Duration = .seconds(30), _ body: @escaping @Sendable (any Communicator) throws -> Void
  ) throws {
    let folder = try #require(StandInNCCL.folder)
    let nccl = try NCCLLibrary(path: folder + "/libnccl.so.2")
    try together(count) { ranks in
      let device = try CUDADevice(ranks.rank, driver: folder + "/libcuda.so.1")
      try body(NCCLProcess(nccl, device, over: ranks, timeLimit: timeLimit))
    }
  }
}
