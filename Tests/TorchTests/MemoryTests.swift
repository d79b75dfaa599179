import Testing
import Torch

@Suite("Memory")
struct MemoryTests {
  /// Blocks lie on pages that were never used, on such that were, or on both.
  @Test("zeros are zeros wherever they lie")
  func zeros() throws {
    for count in [10, 1 << 15, 1 << 18, 1 << 20, 1 << 22, 3 << 20] {
      fill(try Tensor(uninitialized: [count]))
      let zeros = try Tensor(zeros: [count + (count >> 1)])
      #expect(zeros.array.allSatisfy { $0 == 0 })
      fill(zeros)
    }
  }

  private func fill(_ x: Tensor) {
    withExtendedLifetime(x) { x.floats.update(repeating: .nan, count: x.count) }
  }
}
