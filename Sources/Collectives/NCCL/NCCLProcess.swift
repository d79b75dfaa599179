import CNCCL
import Foundation
import Synchronization

/// A rank that computes on a GPU: NCCL carries its numbers from one GPU's memory to another's, and what launched the ranks carries
/// the words between them.
///
/// Sums are NCCL's own, in an order that follows from the ranks' number, the links between GPUs, the size, and NCCL's version. Of two
/// ranks they are what any order gives. Of more, the same machines give the same bits again; others may differ in the last ones.
///
/// Calls are in the order of the device's default stream, behind the work that made the numbers, and return when they are done.
final class NCCLProcess: Communicator {
  var rank: Int { launcher.rank }
  var count: Int { launcher.count }
  var carrier: String? { "\(nccl.name), told by \(launcher.carrier ?? "")" }
  private let nccl: NCCLLibrary
  private let device: CUDADevice
  private let launcher: any Communicator
  private let timeLimit: Duration
  /// Nil once it has ended.
  private let communicator = Mutex(Handle())
  private let isLeaving = Atomic(false)

  private struct Handle: @unchecked Sendable { var pointer: CNCCLCommunicator? }

  /// Joins the ranks of a launcher, each with a GPU of its host.
  /// - Throws: `CollectiveError` where there is no GPU, or the others do not come.
  init(
    _ nccl: NCCLLibrary, _ device: CUDADevice, over launcher: any Communicator, timeLimit: Duration
  ) throws {
    (self.nccl, self.device, self.launcher, self.timeLimit) = (nccl, device, launcher, timeLimit)
    try device.use()
    var id = CNCCLUniqueId()
    // The first rank's failure is said here, and ends the others.
    if launcher.isFirst { try check(nccl.uniqueId(&id)) }
    let said = try launcher.broadcast(withUnsafeBytes(of: id, Array.init))
    guard said.count == MemoryLayout<CNCCLUniqueId>.size else {
      throw CollectiveError("the first rank has another NCCL")
    }
    withUnsafeMutableBytes(of: &id) { $0.copyBytes(from: said) }
    var config = cnccl_config()
    var pointer: CNCCLCommunicator?
    let result = nccl.initialize(&pointer, Int32(launcher.count), id, Int32(launcher.rank), &config)
    let handle = Handle(pointer: pointer)
    communicator.withLock { $0 = handle }
    try check(result)
    try wait { true }
  }

  func exchange(sending: [Outgoing], receiving: [Incoming]) throws {
    try launcher.exchange(sending: sending, receiving: receiving)
  }

  func sum(_ numbers: UnsafeMutableBufferPointer<Float>, owning ranges: [Range<Int>]) throws {
    try together(numbers.baseAddress) { communicator, base in
      for (owner, range) in ranges.enumerated() where !range.isEmpty {
        let place = base + range.lowerBound * MemoryLayout<Float>.size
        try check(
          nccl.reduce(
            place, place, range.count, UInt32(CNCCL_FLOAT), UInt32(CNCCL_SUM), Int32(owner), communicator, nil))
      }
    }
  }

  func gather(_ bytes: UnsafeMutableRawBufferPointer, owned pieces: [[Range<Int>]]) throws {
    try together(bytes.baseAddress) { communicator, base in
      for (owner, ranges) in pieces.enumerated() {
        for range in ranges where !range.isEmpty {
          let place = base + range.lowerBound
          try check(
            nccl.broadcast(place, place, range.count, UInt32(CNCCL_BYTE), Int32(owner), communicator, nil))
        }
      }
    }
  }

  func send(_ bytes: UnsafeRawBufferPointer, to rank: Int) throws {
    try together(UnsafeMutableRawPointer(mutating: bytes.baseAddress), for: rank) { communicator, base in
      try check(nccl.send(base, bytes.count, UInt32(CNCCL_BYTE), Int32(rank), communicator, nil))
    }
  }

  func receive(into bytes: UnsafeMutableRawBufferPointer, from rank: Int) throws {
    try together(bytes.baseAddress, for: rank) { communicator, base in
      try check(nccl.receive(base, bytes.count, UInt32(CNCCL_BYTE), Int32(rank), communicator, nil))
    }
  }

  /// Begins what `body` calls as one, and waits for its end.
  private func together(
    _ base: UnsafeMutableRawPointer?, for rank: Int? = nil,
    _ body: (CNCCLCommunicator, UnsafeMutableRawPointer) throws -> Void
  ) throws {
    guard count > 1, let base else { return }
    guard let communicator = communicator.withLock({ $0.pointer }) else {
      throw CollectiveError("\(nccl.name) has ended")
    }
    try device.use()
    guard device.holds(base) else {
      throw CollectiveError(
        "\(nccl.name) carries what lies in a GPU's memory, and these numbers lie in the host's; unset CARAVAN_NCCL")
    }
    try check(nccl.beginGroup())
    try body(communicator, base)
    try check(nccl.endGroup())
    try wait(for: rank) { try device.isIdle }
  }

  /// Waits until NCCL has begun all that it was asked for, and a condition holds. What takes too long is ended.
  private func wait(for rank: Int? = nil, _ isDone: () throws -> Bool) throws {
    var wait = Wait(timeLimit)
    do {
      while true {
        let (result, state) = communicator.withLock { handle -> (CNCCLResult, CNCCLResult) in
          var state = UInt32(CNCCL_SUCCESS)
          return (nccl.state(handle.pointer, &state), state)
        }
        try check(result)
        try check(state)
        if state == CNCCL_SUCCESS, try isDone() { return }
        try wait.again(for: rank)
      }
    } catch {
      end()
      throw error
    }
  }

  private func check(_ result: CNCCLResult) throws {
    guard result != CNCCL_SUCCESS, result != CNCCL_IN_PROGRESS else { return }
    let words = communicator.withLock { nccl.words(result, of: $0.pointer) }
    throw CollectiveError("\(nccl.name) fails: \(words)")
  }

  /// Has the GPU stop waiting for others, so that this process can end.
  private func end() {
    communicator.withLock { handle in
      if let pointer = handle.pointer { _ = nccl.end(pointer) }
      handle.pointer = nil
    }
  }

  func abort() -> Never {
    _ = isLeaving.exchange(true, ordering: .relaxed)
    launcher.abort()
  }

  func leave() {
    guard !isLeaving.exchange(true, ordering: .relaxed) else { return }
    // What this rank began is done, since each call waits for its own; others may still read what it sent.
    launcher.leave()
    end()
  }
}
