import Foundation
import ModelFiles
import Wording

/// The folder that a run writes: the trained model, `metrics.jsonl`, `config.yaml`, `tensorboard/`, checkpoints.
public enum RunFolder {
  /// The recipe of the run.
  public static func record(in folder: URL) -> URL { folder.appending(path: "config.yaml") }
  /// A line for each step.
  public static func metrics(in folder: URL) -> URL { folder.appending(path: "metrics.jsonl") }

  /// Checks that a run can begin in a folder, or go on there, makes the folder, and keeps other processes from it.
  /// - Parameters:
  ///   - withReference: whether checkpoints hold a moving reference.
  ///   - criticCount: the parameters of a value model that they hold.
  /// - Returns: the folder's lock, to be held for as long as the run writes there.
  /// - Throws: `TrainingError` where the folder is in use, not writable, or without room.
  public static func prepare(
    _ folder: URL, resuming: Bool, parameterCount: Int, withReference: Bool = false, criticCount: Int = 0,
    moments: AdamW.MomentFormat = .float32, keep: Int
  ) throws -> RunLock {
    var isFolder: ObjCBool = false
    guard !FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder) || isFolder.boolValue else {
      throw TrainingError("\(setting: "output") \(folder.path) is a file; name a folder")
    }
    var lock = try RunLock(folder, creating: false)
    try requireFitness(folder, resuming: resuming)
    try make(folder)
    if lock == nil {
      lock = try RunLock(folder, creating: true)
      // Another process may have begun and ended a run in the meantime.
      try requireFitness(folder, resuming: resuming)
    }
    guard let lock else { throw TrainingError("\(setting: "output") \(folder.path) cannot be locked") }
    // One checkpoint more than are kept, since the new one is whole before the oldest goes; and the model at the end.
    let missing = max(1, keep + 1 - Checkpoint.all(in: folder).count)
    let checkpoints =
      missing
      * Checkpoint.bytesNeeded(
        parameterCount: parameterCount, withReference: withReference, criticCount: criticCount,
        moments: moments)
    try DiskSpace.require(checkpoints + 4 * (parameterCount + criticCount), at: folder)
    return lock
  }

  /// A new run needs an empty folder, a resumed one a run.
  private static func requireFitness(_ folder: URL, resuming: Bool) throws {
    // Hidden files, as of git or of a run that was killed while it began, are in nobody's way.
    let all = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let names = all.filter { !$0.hasPrefix(".") }
    let holdsRun = names.contains(record(in: folder).lastPathComponent)
    guard names.isEmpty || resuming else {
      let remedy =
        holdsRun
        ? "go on with that run by \(setting: "resume"), or name another folder" as Wording : "name another folder"
      throw TrainingError("\(setting: "output") \(folder.path) is not empty; \(remedy)")
    }
    guard holdsRun || !resuming else {
      throw TrainingError(
        "\(setting: "resume"): there is no run in \(folder.path); leave \(setting: "resume") out to begin one")
    }
  }

  private static func make(_ folder: URL) throws {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      // Asked again, the system says why in its own words.
      let code = mkdir(folder.path, 0o777) == 0 ? 0 : errno
      guard code == 0 else {
        throw TrainingError("\(setting: "output") \(folder.path) cannot be made: \(String(cString: strerror(code)))")
      }
    }
    guard access(folder.path, W_OK) == 0 else {
      throw TrainingError("\(setting: "output") \(folder.path) is not writable: \(String(cString: strerror(errno)))")
    }
  }
}
