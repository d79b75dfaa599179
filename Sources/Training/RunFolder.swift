import Foundation
import JSON
import ModelFiles
import Reporting

/// The folder that a run writes: the trained model, `metrics.jsonl`, `config.yaml`, `tensorboard/`, checkpoints.
public enum RunFolder {
  /// The options of the run.
  public static func options(in folder: URL) -> URL { folder.appending(path: "config.yaml") }
  /// A line for each step.
  public static func metrics(in folder: URL) -> URL { folder.appending(path: "metrics.jsonl") }

  /// Checks that a run can begin in a folder, or go on there, makes the folder, and keeps other processes from it.
  /// - Returns: the folder's lock, to be held for as long as the run writes there.
  /// - Throws: `TrainingError` where the folder is in use, not writable, or without room.
  public static func prepare(_ folder: URL, resuming: Bool, parameterCount: Int, keep: Int) throws -> RunLock {
    var isFolder: ObjCBool = false
    guard !FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder) || isFolder.boolValue else {
      throw TrainingError("--output \(folder.path) is a file; name a folder")
    }
    var lock = try RunLock(folder, creating: false)
    try requireFitness(folder, resuming: resuming)
    try make(folder)
    if lock == nil {
      lock = try RunLock(folder, creating: true)
      // Another process may have begun and ended a run in the meantime.
      try requireFitness(folder, resuming: resuming)
    }
    guard let lock else { throw TrainingError("--output \(folder.path) cannot be locked") }
    // One checkpoint more than are kept, since the new one is whole before the oldest goes; and the model at the end.
    let missing = max(1, keep + 1 - Checkpoint.all(in: folder).count)
    let checkpoints = missing * Checkpoint.bytesNeeded(parameterCount: parameterCount)
    try DiskSpace.require(checkpoints + 4 * parameterCount, at: folder)
    return lock
  }

  /// A new run needs an empty folder, a resumed one a run.
  private static func requireFitness(_ folder: URL, resuming: Bool) throws {
    // Hidden files, as of git or of a run that was killed while it began, are in nobody's way.
    let all = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let names = all.filter { !$0.hasPrefix(".") }
    let holdsRun = names.contains(options(in: folder).lastPathComponent)
    guard names.isEmpty || resuming else {
      let remedy = holdsRun ? "go on with that run by --resume, or name another folder" : "name another folder"
      throw TrainingError("--output \(folder.path) is not empty; \(remedy)")
    }
    guard holdsRun || !resuming else {
      throw TrainingError("--resume: there is no run in \(folder.path); leave --resume out to begin one")
    }
  }

  private static func make(_ folder: URL) throws {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      // Asked again, the system says why in its own words.
      let code = mkdir(folder.path, 0o777) == 0 ? 0 : errno
      guard code == 0 else {
        throw TrainingError("--output \(folder.path) cannot be made: \(String(cString: strerror(code)))")
      }
    }
    guard access(folder.path, W_OK) == 0 else {
      throw TrainingError("--output \(folder.path) is not writable: \(String(cString: strerror(errno)))")
    }
  }

  /// Writes the options of a new run, or checks that a resumed one has those that it began with. How often it saves may
  /// change: that decides nothing.
  /// - Throws: `TrainingError` naming the first option that differs.
  public static func settle(_ options: TextKeyed<JSON>, in folder: URL, resuming: Bool) throws {
    let path = self.options(in: folder).path
    let text = try ConfigFile.text(of: options)
    if resuming, let old = FileManager.default.contents(atPath: path) {
      let (before, now) = (deciding(String(decoding: old, as: UTF8.self)), deciding(text))
      let pairs = zip(before + ["nothing"], now + ["nothing"])
      if let (was, isNow) = pairs.first(where: { $0 != $1 }) {
        throw TrainingError(
          "--resume: the run in \(folder.path) has '\(was)', not '\(isNow)'; resume with the same options, "
            + "or begin in another folder")
      }
    }
    try AtomicFile.write(Array(text.utf8), to: path)
  }

  /// The lines of options that decide a run's course.
  private static func deciding(_ text: String) -> [String] {
    text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("save-every:") && !$0.hasPrefix("keep:") }
  }
}
