import Foundation
import ModelFiles
import Synchronization
import TestSupport
import Testing

@Suite struct AtomicFileTests {
  @Test func aFileAppearsWholeOrNotAtAll() throws {
    let scratch = try TemporaryFolder()
    let path = scratch.url("file").path
    do {
      let file = try AtomicFile(path)
      try file.write([1, 2])
      #expect(try !scratch.names().contains("file"))
    }
    #expect(try scratch.names() == [])
    try AtomicFile.write([1, 2, 3], to: path)
    #expect(try bytes(scratch.url("file")) == [1, 2, 3])
    #expect(try scratch.names() == ["file"])
  }

  @Test func leftoversOfAKilledProcessAreRemovedAndThoseOfALiveOneAreNot() throws {
    let scratch = try TemporaryFolder()
    try scratch.write(".file.partial-123-456", "from a killed process")
    try scratch.write(".other.partial-123-456", "another file's")
    let alive = try AtomicFile(scratch.url("file").path)
    try alive.write([7])
    try AtomicFile.write([8], to: scratch.url("file").path)
    #expect(try scratch.names().count == 3)
    try alive.commit()
    #expect(try scratch.names() == [".other.partial-123-456", "file"])
    #expect(try bytes(scratch.url("file")) == [7])
  }

  /// Who begins a file must not take another's for a leftover that has only just begun.
  @Test func writersOfOneFileDoNotDisturbEachOther() async throws {
    let scratch = try TemporaryFolder()
    let path = scratch.url("file").path
    let failures = Mutex<[String]>([])
    let threads = DispatchGroup()
    for writer in UInt8(0)..<16 {
      threads.enter()
      Thread.detachNewThread {
        defer { threads.leave() }
        do {
          for _ in 0..<500 {
            let file = try AtomicFile(path)
            if writer == 0 { try file.commit() }
          }
        } catch { failures.withLock { $0.append("\(error)") } }
      }
    }
    await withCheckedContinuation { done in threads.notify(queue: .global()) { done.resume() } }
    #expect(failures.withLock(\.self) == [])
    #expect(try scratch.names() == ["file"])
  }

  @Test func unwritableFolders() throws {
    let scratch = try TemporaryFolder()
    #expect(
      message(in: scratch) { try AtomicFile.write([], to: scratch.url("nowhere/file").path) }
        == "nowhere/file: cannot be written: No such file or directory")
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func aFullDeviceIsSaid() throws {
    let scratch = try TemporaryFolder()
    let descriptor = open("/dev/full", O_WRONLY)
    defer { close(descriptor) }
    let text = message(in: scratch) {
      try [UInt8](repeating: 1, count: 10).withUnsafeBytes {
        try AtomicFile.write($0, to: descriptor, path: "out/model.safetensors", expectedBytes: 10)
      }
    }
    #expect(text == "out/model.safetensors: cannot be written: the disk is full; the file needs 10 bytes")
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func aFullDiskLeavesTheOldModelUntouched() throws {
    let scratch = try TemporaryFolder()
    guard let disk = try TinyDisk(at: scratch.url("disk"), bytes: 128 << 10) else { return }
    defer { disk.unmount() }
    let config = try config()
    try ModelFolderWriter(config: config).write(weights(of: config), to: disk.url)
    let before = try bytes(disk.url.appendingPathComponent("model.safetensors"))

    // Known beforehand.
    let large = output("large", [Float](repeating: 1, count: 50_000))
    let refused = message(in: scratch) { try ModelFolderWriter(config: config).write([large], to: disk.url) }
    #expect(refused.hasPrefix("disk: needs 265792 bytes (265.8 kB), the disk has "))
    // Found out while writing.
    let full = message(in: scratch) {
      try AtomicFile.write([UInt8](repeating: 1, count: 200_000), to: disk.url.appendingPathComponent("x").path)
    }
    #expect(full == "disk/x: cannot be written: the disk is full; the file needs 200000 bytes")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: disk.url.path).sorted() == [
        "config.json", "model.safetensors",
      ])
    #expect(try bytes(disk.url.appendingPathComponent("model.safetensors")) == before)
  }

  @Test func freeSpaceIsAskedOfTheNearestFolderThatExists() throws {
    let scratch = try TemporaryFolder()
    #expect(try DiskSpace.available(at: scratch.url("a/b/c")) > 0)
    try DiskSpace.require(1, at: scratch.url("a/b"))
    let text = message(in: scratch) { try DiskSpace.require(.max, at: scratch.url("a")) }
    #expect(text.hasPrefix("a: needs 9223372036854775807 bytes (9223372.0 TB), the disk has "))
  }
}

/// A file system of a few kilobytes in memory; nil where this user may not mount one.
private struct TinyDisk {
  let url: URL

  init?(at url: URL, bytes: Int) throws {
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    self.url = url
    guard Self.run("mount", "-t", "tmpfs", "-o", "size=\(bytes)", "tmpfs", url.path) else { return nil }
  }

  func unmount() { _ = Self.run("umount", url.path) }

  private static func run(_ arguments: String...) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
