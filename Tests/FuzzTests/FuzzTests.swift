import Foundation
import Testing

/// Whatever bytes a reader is given, it ends soon, in a value or in an error: nothing traps, hangs or fills the memory.
///
/// An input that ends the process is in the file that the test names. `make fuzz` goes on for longer.
@Suite(.serialized) struct FuzzTests {
  /// How long each reader is tried.
  private static let time = Duration.seconds(
    ProcessInfo.processInfo.environment["CARAVAN_FUZZ_SECONDS"].flatMap { Int($0) } ?? 2)
  private static let seed = ProcessInfo.processInfo.environment["CARAVAN_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1

  @Test(arguments: FuzzedReader.allCases) func survivesChangedBytes(reader: FuzzedReader) throws {
    let seeds = try reader.seeds()
    let folder = FileManager.default.temporaryDirectory.appending(path: "caravan-fuzz-\(reader)-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appending(path: reader.fileName)
    for bytes in seeds {
      try Data(bytes).write(to: file)
      #expect(throws: Never.self) { try reader.read(file) }
    }
    print("fuzzing \(reader): \(file.path)")
    var mutator = Mutator(seed: Self.seed)
    let end = ContinuousClock.now + Self.time
    while ContinuousClock.now < end {
      try Data(mutator.changed(seeds)).write(to: file)
      let start = ContinuousClock.now
      try? reader.read(file)
      let taken = ContinuousClock.now - start
      // Debug builds on a busy machine are slow; what grows out of proportion is slower.
      try #require(taken < .seconds(20), "\(reader) took \(taken) for \(file.path)")
    }
    try FileManager.default.removeItem(at: folder)
  }
}
