import Foundation
import Reporting
import TestSupport
import Testing

@Suite struct MetricsLogTests {
  let folder: TemporaryFolder
  var url: URL { folder.url.appending(path: "metrics.jsonl") }

  init() throws { folder = try TemporaryFolder() }

  static let three =
    #"{"step": 1, "loss": 0.7}"# + "\n" + #"{"step": 2, "loss": 0.6}"# + "\n"
    + #"{"step": 3, "loss": 0.5}"# + "\n"

  @Test func writesOneObjectALine() throws {
    let log = try MetricsLog(creating: url)
    try log.append(step: 1, ["epoch": 0.5, "loss": .number(0.1 + 0.2), "rewards/chosen": -1e-300, "num_tokens": 4096])
    try log.append(step: 2, ["loss": .number(.nan), "step": 7])
    try log.sync()
    let expected = """
      {"step": 1, "epoch": 0.5, "loss": 0.30000000000000004, "rewards/chosen": -1e-300, "num_tokens": 4096}
      {"step": 2, "loss": NaN}

      """
    #expect(try folder.text("metrics.jsonl") == expected)
  }

  @Test(arguments: [
    ("", 3), (#"{"step": 4, "lo"#, 3), ("\0\0\0\0", 3), (#"{"step": 4}"# + "\n", 3), (#"{"step": 4}"# + "\n{", 2),
    (#"{"step": 4}"# + "\n", 0), (#"{"step": 10}"# + "\n" + #"{"step": 11, "x": {}}"# + "\n\0\0", 1),
  ])
  func resumingCutsWhatFollowsTheCheckpoint(end: String, step: Int) throws {
    try folder.write("metrics.jsonl", Self.three + end)
    try MetricsLog(resuming: url, after: step) { _ in }.append(step: step + 1, ["loss": 9])
    let kept = Self.three.split(separator: "\n").prefix(step).map { $0 + "\n" }.joined()
    #expect(try folder.text("metrics.jsonl") == kept + #"{"step": \#(step + 1), "loss": 9}"# + "\n")
  }

  @Test func resumingKeepsALineThatLacksOnlyItsNewline() throws {
    try folder.write("metrics.jsonl", String(Self.three.dropLast()))
    try MetricsLog(resuming: url, after: 3) { _ in }.append(step: 4, [:])
    #expect(try folder.text("metrics.jsonl") == Self.three + #"{"step": 4}"# + "\n")
  }

  @Test func resumingKeepsSeveralLinesOfTheSameStep() throws {
    let lines = Self.three + #"{"step": 3, "eval_loss": 0.4}"# + "\n"
    try folder.write("metrics.jsonl", lines + #"{"step": 4, "eval_loss": 0.4}"# + "\n")
    _ = try MetricsLog(resuming: url, after: 3) { _ in }
    #expect(try folder.text("metrics.jsonl") == lines)
  }

  @Test func ofTheStepItselfTheFirstLinesMayBeKeptAlone() throws {
    let measured = Self.three + #"{"step": 3, "eval_loss": 0.4}"# + "\n" + #"{"step": 4, "loss": 0.4}"# + "\n"
    for (count, lines) in [
      (1, Self.three), (0, Self.three.split(separator: "\n").prefix(2).map { $0 + "\n" }.joined()),
    ] {
      try folder.write("metrics.jsonl", measured)
      _ = try MetricsLog(resuming: url, after: 3, keeping: count) { _ in }
      #expect(try folder.text("metrics.jsonl") == lines)
    }
  }

  @Test func resumingWithoutAFileBeginsIt() throws {
    try MetricsLog(resuming: url, after: 3) { _ in }.append(step: 4, [:])
    #expect(try folder.text("metrics.jsonl") == #"{"step": 4}"# + "\n")
  }

  @Test(arguments: [
    ("dear diary\n", ""), ("{\"step\": 1}\n\n{\"step\": 9}\nx\n", "{\"step\": 1}\n"), ("{\"step\": \"1\"}\n", ""),
    ("{\"step\": 2}\n[1]\n{\"step\": 3}\n{\"step\": 4}\n{", "{\"step\": 2}\n{\"step\": 3}\n"),
    ("{\"step\": 1e99}\n", ""),
  ])
  func aLogWithForeignLinesIsPutAside(text: String, kept: String) throws {
    try folder.write("metrics.jsonl", text)
    try folder.write("metrics.jsonl.damaged-1", "older")
    try MetricsLog(resuming: url, after: 3) { _ in }.append(step: 4, [:])
    #expect(try folder.text("metrics.jsonl") == kept + "{\"step\": 4}\n")
    #expect(try folder.text("metrics.jsonl.damaged-2") == text)
    #expect(try folder.text("metrics.jsonl.damaged-1") == "older")
  }

  @Test func resumingLeavesEmptyLinesAlone() throws {
    let text = "{\"step\": 1}\n\n{\"step\": 2}\n"
    try folder.write("metrics.jsonl", text + "\n{\"step\": 9}\n")
    _ = try MetricsLog(resuming: url, after: 3) { _ in }
    #expect(try folder.text("metrics.jsonl") == text)
  }

  @Test func aNewRunDoesNotOverwriteAnother() throws {
    try folder.write("metrics.jsonl", Self.three)
    let error = #expect(throws: ReportingError.self) { try MetricsLog(creating: url) }
    #expect(
      error?.description == "\(url.path): already exists; resume that run or choose another output folder")
    #expect(try folder.text("metrics.jsonl") == Self.three)
  }

  @Test func saysThatTheFolderIsMissing() throws {
    let url = folder.url.appending(path: "no/metrics.jsonl")
    let error = #expect(throws: ReportingError.self) { try MetricsLog(creating: url) }
    #expect(error?.description == "\(url.path): cannot write: No such file or directory")
    #expect(throws: ReportingError.self) { try MetricsLog(resuming: url, after: 1) { _ in } }
  }

  @Test func saysThatItCannotReadAFolder() throws {
    let error = #expect(throws: ReportingError.self) { try MetricsLog(resuming: folder.url, after: 1) { _ in } }
    #expect(error?.description == "\(folder.url.path): cannot read: Is a directory")
  }

  @Test(.enabled(if: geteuid() != 0, "root may write anywhere"))
  func saysThatTheFolderIsReadOnly() throws {
    try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: folder.url.path)
    let error = #expect(throws: ReportingError.self) { try MetricsLog(creating: url) }
    #expect(error?.description == "\(url.path): cannot write: Permission denied")
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "there is no /dev/full here"))
  func saysThatTheDiskIsFull() throws {
    let log = MetricsLog(file: try AppendedFile(path: "/dev/full", cutTo: 0))
    let error = #expect(throws: ReportingError.self) { try log.append(step: 1, ["loss": 0.5]) }
    #expect(error?.description == "/dev/full: cannot write: No space left on device")
  }

  /// A limit on the file's size cuts a line in two as a full disk does.
  @Test func takesAHalfWrittenLineBack() async {
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryFolder()
      let url = folder.url.appending(path: "metrics.jsonl")
      signal(SIGXFSZ, SIG_IGN)
      let log = try MetricsLog(creating: url)
      try log.append(step: 1, ["loss": 0.5])
      var limit = rlimit(rlim_cur: 30, rlim_max: 30)
      #if os(Linux)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      #else
        setrlimit(RLIMIT_FSIZE, &limit)
      #endif
      let error = #expect(throws: ReportingError.self) { try log.append(step: 2, ["loss": 0.4]) }
      #expect(error?.description == "\(url.path): cannot write: File too large")
      #expect(try folder.text("metrics.jsonl") == #"{"step": 1, "loss": 0.5}"# + "\n")
    }
  }
}
