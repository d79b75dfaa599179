import CKernels

/// What ranks do together. Every rank calls the same functions in the same order.
extension Communicator {
  /// Whether this is the one rank that prints, writes, and asks the hub.
  public var isFirst: Bool { rank == 0 }

  /// Waits until all ranks are here.
  public func barrier() throws { _ = try gather([]) }

  /// Whether any rank says so; all get the same answer.
  public func any(_ isSo: Bool) throws -> Bool {
    guard count > 1 else { return isSo }
    return try gather([isSo ? 1 : 0]).contains([1])
  }

  /// What each rank says, in their order, to all of them.
  public func gather(_ own: [UInt8]) throws -> [[UInt8]] {
    guard count > 1 else { return [own] }
    let sizes = try gather(size: own.count)
    var all = sizes.map { [UInt8](repeating: 0, count: $0) }
    try own.withUnsafeBytes { own in
      // Each rank's bytes have a buffer of their own, which stays where it is until all have come.
      let buffers = sizes.map { UnsafeMutableRawBufferPointer.allocate(byteCount: $0, alignment: 8) }
      defer { for buffer in buffers { buffer.deallocate() } }
      try exchange(
        sending: others.map { Outgoing(to: $0, own) }, receiving: others.map { Incoming(from: $0, buffers[$0]) })
      for other in others { all[other] = Array(buffers[other]) }
    }
    all[rank] = own
    return all
  }

  private func gather(size: Int) throws -> [Int] {
    var sizes = [Int](repeating: size, count: count)
    try withUnsafeBytes(of: size) { own in
      try sizes.withUnsafeMutableBytes { all in
        let place = { (other: Int) in
          UnsafeMutableRawBufferPointer(
            rebasing: all[other * MemoryLayout<Int>.size..<(other + 1) * MemoryLayout<Int>.size])
        }
        try exchange(
          sending: others.map { Outgoing(to: $0, own) }, receiving: others.map { Incoming(from: $0, place($0)) })
      }
    }
    return sizes
  }

  /// What the first rank says, to all of them; the others' own words are not asked.
  public func broadcast(_ own: [UInt8]) throws -> [UInt8] { try gather(isFirst ? own : [])[0] }

  /// Numbers of each rank, in their order, to all of them.
  public func gather<Number: BitwiseCopyable>(_ own: [Number]) throws -> [[Number]] {
    guard count > 1 else { return [own] }
    return try gather(own.withUnsafeBytes(Array.init)).map { bytes in
      bytes.withUnsafeBytes { bytes in
        let size = MemoryLayout<Number>.stride
        return (0..<bytes.count / size).map { bytes.loadUnaligned(fromByteOffset: $0 * size, as: Number.self) }
      }
    }
  }

  /// Sums the ranks' numbers in the order of the ranks.
  public func sum(_ numbers: UnsafeMutableBufferPointer<Float>, owning ranges: [Range<Int>]) throws {
    guard count > 1, let base = numbers.baseAddress else { return }
    // A mebibyte at a time: what the others send has to be somewhere until it is summed.
    let piece = 1 << 18
    let own = ranges[rank]
    let width = min(piece, own.count)
    let received = UnsafeMutablePointer<Float>.allocate(capacity: max(1, count * width))
    defer { received.deallocate() }
    let rounds = ((ranges.map(\.count).max() ?? 0) + piece - 1) / piece
    for round in 0..<rounds {
      let parts = ranges.map { $0.part(round, of: piece) }
      let mine = parts[rank]
      try exchange(
        sending: others.filter { !parts[$0].isEmpty }.map { Outgoing(to: $0, numbers.bytes(parts[$0])) },
        receiving: mine.isEmpty
          ? []
          : others.map { other in
            let room = UnsafeMutableBufferPointer(start: received + other * width, count: mine.count)
            return Incoming(from: other, UnsafeMutableRawBufferPointer(room))
          })
      let target = base + mine.lowerBound
      var sources = (0..<count).map { Optional(UnsafePointer(received + $0 * width)) }
      sources[rank] = UnsafePointer(target)
      ck_sum_in_order(target, &sources, Int64(count), Int64(mine.count))
    }
  }

  /// Gives every rank the numbers that the others own.
  public func gather(_ numbers: UnsafeMutableBufferPointer<Float>, owned pieces: [[Range<Int>]]) throws {
    let size = MemoryLayout<Float>.size
    try gather(
      UnsafeMutableRawBufferPointer(numbers),
      owned: pieces.map { $0.map { $0.lowerBound * size..<$0.upperBound * size } })
  }

  /// Gives every rank the bytes that the others own.
  public func gather(_ bytes: UnsafeMutableRawBufferPointer, owned pieces: [[Range<Int>]]) throws {
    guard count > 1 else { return }
    // In turns, so that nobody is sent to by all others at once.
    for turn in 1..<count {
      let (next, previous) = ((rank + turn) % count, (rank - turn + count) % count)
      try exchange(
        sending: pieces[rank].flatMap(\.portions).map {
          Outgoing(to: next, UnsafeRawBufferPointer(rebasing: bytes[$0]))
        },
        receiving: pieces[previous].flatMap(\.portions).map {
          Incoming(from: previous, UnsafeMutableRawBufferPointer(rebasing: bytes[$0]))
        })
    }
  }

  /// Sends bytes to one rank.
  public func send(_ bytes: UnsafeRawBufferPointer, to rank: Int) throws {
    try exchange(
      sending: bytes.indices.portions.map { Outgoing(to: rank, UnsafeRawBufferPointer(rebasing: bytes[$0])) },
      receiving: [])
  }

  /// Receives bytes that one rank sends.
  public func receive(into bytes: UnsafeMutableRawBufferPointer, from rank: Int) throws {
    try exchange(
      sending: [],
      receiving: bytes.indices.portions.map { Incoming(from: rank, UnsafeMutableRawBufferPointer(rebasing: bytes[$0])) }
    )
  }

  private var others: [Int] { (0..<count).filter { $0 != rank } }
}

extension UnsafeMutableBufferPointer<Float> {
  fileprivate func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(mutableBytes(range)) }

  fileprivate func mutableBytes(_ range: Range<Int>) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: self[range]))
  }
}

extension Range<Int> {
  /// The piece of that number, of pieces of a size; empty beyond the end.
  fileprivate func part(_ number: Int, of size: Int) -> Range<Int> {
    let start = Swift.min(upperBound, lowerBound + number * size)
    return start..<Swift.min(upperBound, start + size)
  }

  /// Parts whose bytes a message of MPI can count.
  fileprivate var portions: [Range<Int>] {
    let size = 1 << 24
    return (0..<(count + size - 1) / size).map { part($0, of: size) }
  }
}
