import Testing
import Torch

@Suite struct SystemMemoryTests {
  @Test func countsBytes() {
    let before = SystemMemory.peak
    // A test process holds more than a MiB and less than a TiB.
    #expect((1 << 20)..<(1 << 40) ~= before)
    let block = [UInt8](repeating: 1, count: before + (1 << 20))
    #expect(SystemMemory.peak >= block.count)
    #expect((1 << 24)..<(1 << 50) ~= SystemMemory.available)
  }
}
