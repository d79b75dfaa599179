import Foundation
import JSON
import Parquet
import Testing

/// Whatever is in a file, reading it ends well or in an error: nothing traps, hangs or fills the memory.
@Suite struct FuzzTests {
  /// Reads a file as far as it goes.
  static func read(_ bytes: [UInt8]) throws {
    try withFile(bytes) { path in
      guard let rows = try? ParquetFile(path).rows(maximumRowLength: 1 << 20) else { return }
      // A changed count may promise billions of equal rows.
      for _ in 0..<1000 where (try? rows.next()) == nil { break }
    }
  }

  @Test(arguments: Fixtures.names) func survivesChangedBytes(name: String) throws {
    let whole = try Fixtures.bytes(name)
    var generator = Numbers(state: UInt64(whole.count))
    let end = ContinuousClock.now + .milliseconds(150)
    while ContinuousClock.now < end {
      var bytes = whole
      // Half of the changes hit the footer, of which everything else depends.
      let start = generator.next(below: 2) == 0 ? 0 : bytes.count * 2 / 3
      for _ in 0...generator.next(below: 6) {
        let place = start + generator.next(below: bytes.count - start)
        bytes[place] = generator.next(below: 3) == 0 ? 0xFF : UInt8(generator.next(below: 256))
      }
      try Self.read(bytes)
    }
  }

  @Test func survivesBeingCutAnywhere() throws {
    let bytes = try Fixtures.bytes("null@lz4-v1")
    for count in bytes.indices {
      #expect(try failure(of: Array(bytes.prefix(count))) != nil)
      // The footer of the whole file behind a part of its data.
      try Self.read(Array(bytes.prefix(count) + bytes.suffix(bytes.count / 2)))
    }
  }
}

/// Random numbers that are the same in each run (S. Vigna's SplitMix64).
private struct Numbers {
  var state: UInt64

  mutating func next(below bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return Int((value ^ value >> 31) % UInt64(bound))
  }
}
