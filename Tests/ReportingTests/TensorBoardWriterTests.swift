import Foundation
import Reporting
import TensorBoardEvents
import TestSupport
import Testing

@Suite struct TensorBoardWriterTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Values of RFC 3720, appendix B.4, and the checksum's usual check value.
  @Test(
    arguments: [
      (Array("123456789".utf8), 0xE306_9283), ([], 0), ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
      ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43), (Array(0..<32), 0x46DD_794E),
      (Array((0..<32).reversed()), 0x113F_DB5C),
    ] as [([UInt8], UInt32)])
  func computesChecksums(bytes: [UInt8], checksum: UInt32) {
    #expect(CRC32C.checksum(bytes) == checksum)
  }

  @Test func writesEventsThatParseBack() throws {
    let events = folder.url.appending(path: "deep/tensorboard")
    let writer = try TensorBoardWriter(folder: events, now: { 1_700_000_000.25 })
    try writer.append(
      step: 1, ["loss": 0.5, "note": "text", "rewards/chosen": 0, "eval_rewards/margins": .number(.nan)])
    try writer.append(step: 2, ["note": "nothing to draw"])
    try writer.append(step: Int.max, ["learning_rate": 5e-7, "num_tokens": 16_777_217])
    try writer.sync()

    let file = try #require(try FileManager.default.contentsOfDirectory(atPath: events.path).first)
    #expect(file.hasPrefix("events.out.tfevents.1700000000."))
    let records = try Self.records(of: events.appending(path: file))
    #expect(records.count == 3)
    #expect(records.allSatisfy { $0.wallTime == 1_700_000_000.25 })
    #expect(records[0].fileVersion == "brain.Event:2")
    #expect(records[1].step == 1)
    #expect(records[1].summary.value.map(\.tag) == ["train/loss", "train/rewards/chosen", "eval/rewards/margins"])
    #expect(records[1].summary.value.map(\.simpleValue).prefix(2) == [0.5, 0])
    // Zero is written, not left out as protobuf leaves defaults out.
    #expect(records[1].summary.value[1].value == .simpleValue(0))
    #expect(records[1].summary.value[2].simpleValue.isNaN)
    #expect(records[2].step == .max)
    #expect(records[2].summary.value.map(\.simpleValue) == [5e-7, 16_777_216])
  }

  @Test func aResumedRunBeginsAnotherFile() throws {
    try TensorBoardWriter(folder: folder.url, now: { 1 }).append(step: 1, ["loss": 1])
    try TensorBoardWriter(folder: folder.url, resumingAfter: 1, now: { 1 }).append(step: 2, ["loss": 1])
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
    #expect(files.count == 2)
    let records = try Self.records(of: folder.url.appending(path: try #require(files.last)))
    #expect(records.map(\.step) == [0, 2, 2])
    #expect(records[1].sessionLog.status == .start)
  }

  @Test func saysThatTheFolderCannotBeMade() throws {
    try folder.write("tensorboard", "a file")
    let events = folder.url.appending(path: "tensorboard")
    let error = #expect(throws: ReportingError.self) { try TensorBoardWriter(folder: events) }
    #expect(error?.description.hasPrefix("\(events.path): cannot ") == true)
    #expect(error?.description.contains("\n") == false)
  }

  /// Reads the framing as TensorFlow does, and checks both checksums of each record.
  static func records(of url: URL) throws -> [TensorBoardEvent] {
    var bytes = ArraySlice(try Data(contentsOf: url))
    func take(_ count: Int) throws -> [UInt8] {
      try #require(bytes.count >= count)
      defer { bytes = bytes.dropFirst(count) }
      return Array(bytes.prefix(count))
    }
    func number(_ bytes: [UInt8]) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
    var events: [TensorBoardEvent] = []
    while !bytes.isEmpty {
      let length = try take(8)
      #expect(number(try take(4)) == UInt64(CRC32C.masked(length)))
      let data = try take(Int(number(length)))
      #expect(number(try take(4)) == UInt64(CRC32C.masked(data)))
      events.append(try TensorBoardEvent(serializedBytes: data))
    }
    return events
  }
}
