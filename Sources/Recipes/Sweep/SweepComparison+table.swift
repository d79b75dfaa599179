import JSON
import Objectives

extension SweepComparison {
  /// The names of the settings that vary.
  var settingNames: [String] {
    var names: TextKeyed<Bool> = [:]
    for run in runs { for name in run.settings.keys { names[name] = true } }
    return names.keys
  }

  /// What at least one run has measured of what tables show.
  var measures: [SweepMeasure] {
    var shown = SweepMeasure.shown
    if !shown.contains(where: { $0.name == measure }) {
      shown.append(SweepMeasure(name: measure, heading: measure, title: measure))
    }
    let known = shown.filter { shown in runs.contains { $0.results[shown.name] != nil } }
    // What is known of held-out data says the same of batches, and better; but losses that part tell of overfitting.
    return known.filter { one in
      one.name == "loss" || one.name == measure || !known.contains { $0.name == "eval_" + one.name }
    }
  }

  /// The heads of the table's columns.
  var heads: [String] { settingNames + measures.map(\.heading) }

  /// The cells of a run.
  func cells(_ run: Run) -> [String] {
    settingNames.map { run.settings[$0] ?? "–" }
      + measures.map { run.results[$0.name].map(shortText) ?? "–" }
  }

  /// How many runs there are, and which is the best.
  public var summary: String {
    let count = runs.count == 1 ? "1 run" : "\(runs.count) runs"
    let rest = pending == 0 ? "" : ", \(pending) not finished"
    let direction = SweepMeasure.isBetterLow(measure) ? "lowest" : "highest"
    return "\(count)\(rest); the best by \(measure) (\(direction)): \(runs[0].title)"
  }

  /// The comparison as aligned text.
  public var table: String {
    let rows = [heads] + runs.map(cells)
    let widths = heads.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let names = settingNames.count
    let lines = rows.map { row in
      let cells = row.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return column < names ? row[column] + space : space + row[column]
      }
      return cells.joined(separator: "  ")
    }
    return ([summary, ""] + lines + (notes.isEmpty ? [] : [""]) + notes).joined(separator: "\n") + "\n"
  }

  /// The comparison with all results.
  public var json: JSON {
    [
      "measure": .string(measure), "best": .string(runs[0].folder.lastPathComponent), "pending": .integer(pending),
      "notes": .array(notes.map(JSON.string)),
      "runs": .array(
        runs.map { run in
          [
            "folder": .string(run.folder.lastPathComponent), "settings": .object(run.settings.mapValues(JSON.string)),
            "results": .object(run.results.mapValues(JSON.number)),
          ]
        }),
    ]
  }
}
