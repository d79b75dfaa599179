import Collectives
import Foundation
import JSON
import ModelFiles
import Wording

/// What a run began from, as fingerprints: names in its options say nothing about what lies there today.
public struct RunOrigin: Sendable, Equatable {
  /// The model that is trained, as it was.
  public let base: String
  /// The model that it is compared with, where that is another one.
  public let reference: String?
  /// The examples that are trained on, as token sequences.
  public let data: String
  /// The examples that are held out, where some are.
  public let heldOut: String?

  /// The origin of a run.
  public init(base: String, reference: String?, data: String, heldOut: String?) {
    self.base = base
    self.reference = reference
    self.data = data
    self.heldOut = heldOut
  }

  private static let file = "origin.json"

  /// The origin of the run in a folder; nil where it has no record of one.
  public init?(in folder: URL) {
    guard let bytes = FileManager.default.contents(atPath: folder.appending(path: Self.file).path),
      let record = try? JSON(parsing: Array(bytes)), let base = record["base"]?.string,
      let data = record["data"]?.string
    else { return nil }
    self.init(base: base, reference: record["reference"]?.string, data: data, heldOut: record["held_out"]?.string)
  }

  /// Checks that a run that is resumed still has the origin that it began with.
  /// - Returns: whether it could be checked; a run that an older version began has no record.
  /// - Throws: `TrainingError` naming what has changed.
  public func check(in folder: URL) throws -> Bool {
    let url = folder.appending(path: Self.file)
    guard let bytes = FileManager.default.contents(atPath: url.path) else { return Checkpoint.all(in: folder).isEmpty }
    guard let record = try? JSON(parsing: Array(bytes)), record.object != nil else {
      throw TrainingError(
        "\(setting: "resume"): \(url.path) is damaged; remove it to resume without asking what the run began from")
    }
    let made = ", or what the tokenizer and template make of them,"
    for (name, what): (String, Wording) in [
      ("base", "the weights or config.json of \(setting: "model")"),
      ("reference", "the weights or config.json of \(setting: "reference")"),
      ("data", "the data\(made)"), ("held_out", "the held-out data\(made)"),
    ] where record[name] != json[name] {
      throw TrainingError(
        "\(setting: "resume"): \(what) are not those that the run in \(folder.path) began with; put them back, or begin in "
          + "another folder")
    }
    return true
  }

  /// Checks that all ranks have read the same.
  /// - Throws: `CollectiveError` on a rank that has not.
  public func requireAgreement(among ranks: any Communicator) throws {
    guard try ranks.broadcast(Array(json.text.utf8)) != Array(json.text.utf8) else { return }
    throw CollectiveError(
      "model and data here are not those of the first rank; all hosts must have the same files under the same names")
  }

  /// Records the origin of a run.
  /// - Throws: `ModelFileError` where it cannot be written.
  public func write(in folder: URL) throws {
    try AtomicFile.write(Array((json.prettyText + "\n").utf8), to: folder.appending(path: Self.file).path)
  }

  private var json: JSON {
    [
      "base": .string(base), "reference": reference.map(JSON.string) ?? .null, "data": .string(data),
      "held_out": heldOut.map(JSON.string) ?? .null,
    ]
  }
}
