import Descriptors
import Foundation
import TestSupport
import Testing

@Suite struct WriteAllTests {
  @Test func bytesGoWhereTheFileStandsOrToTheirPlace() throws {
    let folder = try TemporaryFolder()
    let file = try FileHandle(forUpdating: folder.write("file", "0123456789"))
    #expect(writeAll(Array("ab".utf8), to: file.fileDescriptor) == 0)
    #expect(writeAll(Array("xyz".utf8), to: file.fileDescriptor, at: 6) == 0)
    #expect(writeAll(Array("c".utf8)[...], to: file.fileDescriptor) == 0)
    #expect(writeAll([UInt8](), to: file.fileDescriptor) == 0)
    #expect(try folder.text("file") == "abc345xyz9")
  }

  /// A pipe takes what it has room for, and then nothing: a part is written, and why no more is said.
  @Test func aPartIsGoneOnWithUntilTheSystemRefuses() throws {
    let pipe = Pipe()
    let (input, output) = (pipe.fileHandleForReading, pipe.fileHandleForWriting)
    #expect(fcntl(output.fileDescriptor, F_SETFL, O_NONBLOCK) == 0)
    let bytes = (0..<1 << 21).map { UInt8(truncatingIfNeeded: $0 / 1000) }
    #expect(writeAll(bytes, to: output.fileDescriptor) == EAGAIN)
    try output.close()
    let taken = [UInt8](try #require(try input.readToEnd()))
    #expect(!taken.isEmpty && taken.count < bytes.count && taken.elementsEqual(bytes.prefix(taken.count)))
    #expect(writeAll([1], to: -1) == EBADF)
  }
}
