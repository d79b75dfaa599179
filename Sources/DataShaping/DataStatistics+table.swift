extension DataStatistics {
  /// The heads of the columns of percentiles.
  static let heads = ["mean", "min", "5%", "25%", "median", "75%", "95%", "99%", "max"]

  /// For each part, its name, mean and percentiles.
  var rows: [(name: String, cells: [String])] {
    columns.map { column in
      (column.name, [Self.text(of: column.mean)] + LengthColumn.shares.map { String(column.percentile($0)) })
    }
  }

  /// The statistics as aligned text.
  package var table: String {
    let rows = [(name: unit, cells: Self.heads)] + rows
    let nameWidth = rows.map(\.name.count).max() ?? 0
    let widths = Self.heads.indices.map { index in rows.map { $0.cells[index].count }.max() ?? 0 }
    let lines = rows.map { row in
      row.name.padded(to: nameWidth)
        + zip(row.cells, widths).map { "  " + $0.padded(to: $1, onLeft: true) }.joined()
    }
    let findings = findings
    let findingWidth = findings.map(\.name.count).max() ?? 0
    let sentences = findings.map { "\($0.name.padded(to: findingWidth))  \($0.text)" }
    return ([summary, ""] + lines + [""] + sentences).joined(separator: "\n") + "\n"
  }

  /// How many records there are, of which kinds.
  var summary: String {
    let kinds = [("pairs", pairs), ("rated answers", ratings), ("conversations", conversations)].filter { $0.1 > 0 }
    let counts = kinds.map { "\($0.1) \($0.0)" }
    let last = counts.last ?? "no records"
    let all = counts.count < 2 ? last : counts.dropLast().joined(separator: ", ") + " and " + last
    return "\(all), \(totalLength) \(unit)"
  }
}

extension String {
  fileprivate func padded(to width: Int, onLeft: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, width - count))
    return onLeft ? space + self : self + space
  }
}
