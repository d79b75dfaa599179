extension EvaluationReport {
  /// The results for a terminal, a line each: task, shots, items, metric, value.
  public var table: [String] {
    var rows = [["task", "shots", "items", "metric", "value"]]
    for entry in tasks {
      let result = entry.result
      for (place, value) in result.values.enumerated() {
        let isFirst = place == 0
        rows.append([
          isFirst ? result.name : "", isFirst ? "\(result.shots)" : "", isFirst ? "\(result.count)" : "", value.label,
          value.text,
        ])
      }
      for category in result.categories {
        rows.append(["  " + category.name, "", "\(category.count)", "", category.values.first?.text ?? ""])
      }
    }
    return Self.aligned(rows)
  }

  /// Columns under each other, two spaces between them; the last is not filled up.
  static func aligned(_ rows: [[String]]) -> [String] {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in rows.map { $0[column].unicodeScalars.count }.max() ?? 0 }
    return rows.map { row in
      let cells = zip(row, widths).map { cell, width in
        cell + String(repeating: " ", count: width - cell.unicodeScalars.count)
      }
      return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
    }
  }
}
