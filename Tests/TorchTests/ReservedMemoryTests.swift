import Foundation
import Testing
import Torch

/// Memory that comes with what is written and goes with what is discarded.
@Suite struct ReservedMemoryTests {
  @Test(arguments: [0..<1_000_000, 3000..<700_001, 5..<6, 1023..<1025, 1024..<2048, 17..<17])
  func whatIsDiscardedIsZeroAndTakesNoPages(range: Range<Int>) throws {
    let x = try Tensor(reserving: [1_000_000])
    #expect(pages(of: x).allSatisfy { !$0 })
    for index in 0..<x.count { x.floats[index] = Float(index + 1) }
    #expect(pages(of: x).allSatisfy { $0 })
    x.discard(range)
    // Pages of 1024 numbers that hold nothing else are gone.
    let size = Int(getpagesize()) / 4
    for (page, isThere) in pages(of: x).enumerated() {
      let own = page * size..<(page + 1) * size
      let isWithin = range.lowerBound <= own.lowerBound && own.upperBound <= range.upperBound
      #expect(isThere != isWithin, "page \(page)")
    }
    for index in 0..<x.count {
      let expected = range.contains(index) ? 0 : Float(index + 1)
      guard x.floats[index] == expected else {
        Issue.record("\(index) is \(x.floats[index]), not \(expected)")
        return
      }
    }
  }

  /// Which pages of a tensor are in memory.
  private func pages(of x: Tensor) -> [Bool] {
    #if os(Linux)
      var states = [UInt8](repeating: 0, count: (x.count * 4 + Int(getpagesize()) - 1) / Int(getpagesize()))
      guard mincore(x.bytes, x.count * 4, &states) == 0 else { return [] }
      return states.map { $0 & 1 == 1 }
    #else
      return []
    #endif
  }
}
