import Evaluation
import Foundation
import Hub
import JSON

/// What a judge's recorded annotations come to, for a terminal.
struct AnnotationReport {
  let lines: [String]

  /// Reads annotations. Lengths are controlled for by the difficulties of the instructions, in files of AlpacaEval's data set.
  /// - Parameter data: a folder with these files; nil for the hub.
  /// - Throws: errors of the files.
  init(file: String, data: String?) throws {
    let records = try BenchmarkData(at: file).records(of: "eval")
    let annotations = try AlpacaEvalAnnotations(records)
    let rate = annotations.winRate
    func percent(_ value: Double) -> String { String(format: "%.2f", value) }
    var lines = [
      "\(annotations.model), judged by \(annotations.annotator)",
      "win rate \(percent(rate.winRate)) ± \(percent(rate.standardError)): "
        + "\(rate.wins) wins, \(rate.losses) losses, \(rate.draws) draws; \(percent(annotations.averageLength)) characters on average",
    ]
    if annotations.missing > 0 {
      lines.append("\(annotations.missing) annotations have no preference and do not count")
    }
    do {
      let files = try Self.files(data)
      let controlled = try annotations.lengthControlled(
        difficulties: files.difficulties, instructions: files.instructions, gamed: files.gamed)
      lines.append("length-controlled win rate \(percent(controlled.winRate))")
    } catch let error as EvaluationError {
      lines.append("no length-controlled win rate: \(error)")
    } catch let error as HubError {
      lines.append(
        "no length-controlled win rate: \(error); or give a folder with its files by --data alpaca_eval=FOLDER")
    }
    self.lines = lines
  }

  private static let names = ["alpaca_eval.json", "instruction_difficulty.csv", "df_gamed.csv"]

  private static func files(
    _ data: String?
  ) throws -> (instructions: [String], difficulties: [Double], gamed: [LengthControlledWinRate.GamedRow]) {
    let folder = try data.map { URL(filePath: $0) } ?? fetched()
    let paths = names.map { folder.appending(path: $0).path }
    for path in paths where !FileManager.default.fileExists(atPath: path) {
      throw EvaluationError("\(path) is missing; fetch it from the hub's data set tatsu-lab/alpaca_eval")
    }
    let records = try paths.map { try BenchmarkData(at: $0).records(of: "eval") }
    func number(_ row: JSON, _ field: String) throws(EvaluationError) -> Double {
      guard let number = row[field]?.double ?? row[field]?.string.flatMap(Double.init) else {
        throw EvaluationError("\(folder.lastPathComponent): a row has no number '\(field)'")
      }
      return number
    }
    let gamed = try records[2].map { row in
      LengthControlledWinRate.GamedRow(
        preference: try number(row, "preference"), lengthDifference: try number(row, "std_delta_len"),
        difficulty: try number(row, "instruction_difficulty"))
    }
    return (
      records[0].compactMap { $0["instruction"]?.string },
      try records[1].map { try number($0, "instruction_difficulty") },
      gamed
    )
  }

  private static func fetched() throws -> URL {
    let repository = try HubRepository(.dataset, "tatsu-lab/alpaca_eval")
    return try Named.fetching(.matching(names)) { try await $0.snapshot(repository, selecting: .matching(names)) }
      .folder
  }
}
