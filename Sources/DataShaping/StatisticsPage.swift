import Wording

/// Statistics as one HTML page that needs nothing else: no script, no other files.
package struct StatisticsPage {
  private let statistics: DataStatistics
  private let sources: [String]

  /// A page about data read from some files.
  package init(_ statistics: DataStatistics, sources: [String]) {
    self.statistics = statistics
    self.sources = sources
  }

  /// The page.
  package var html: String {
    let name = sources.map(escapedForHTML).joined(separator: ", ")
    let tiles = statistics.findings.map {
      "<div class=tile><b>\($0.value)</b><span>\($0.name)</span><p>\(escapedForHTML($0.text))</p></div>"
    }
    let heads = DataStatistics.heads.map { "<th>\($0)</th>" }.joined()
    let rows = statistics.rows.map { row in
      "<tr><th>\(row.name)</th>\(row.cells.map { "<td>\($0)</td>" }.joined())</tr>"
    }
    return """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(name)</title><style>\(Self.style)</style></head><body><main>
      <h1>\(name)</h1><p class=lead>\(statistics.summary)</p>
      <div class=tiles>\(tiles.joined())</div>
      <div class=table><table><thead><tr><th>\(statistics.unit)</th>\(heads)</tr></thead><tbody>\(rows.joined())</tbody></table></div>
      \(figures.joined(separator: "\n"))
      </main></body></html>

      """
  }

  private var figures: [String] {
    let columns = Dictionary(statistics.columns.map { ($0.name, $0) }) { $1 }
    var figures: [String] = []
    if let prompt = columns["prompt"] { figures.append(figure("Prompts", [("prompts", "first", prompt)])) }
    if let chosen = columns["chosen"], let rejected = columns["rejected"] {
      figures.append(figure("Answers", [("chosen", "first", chosen), ("rejected", "second", rejected)]))
      figures.append(differences)
    }
    let rated = [("good", "first"), ("bad", "second")].compactMap { name, style in
      columns[name].map { (name, style, $0) }
    }
    if !rated.isEmpty { figures.append(figure("Rated answers", rated)) }
    if let answer = columns["answer"] { figures.append(figure("Answers", [("answers", "first", answer)])) }
    if let whole = columns["whole"] {
      let mark = statistics.maximumLength.map { (length: $0, text: "cut at \($0.grouped)") }
      figures.append(figure("Whole conversations", [("conversations", "first", whole)], mark: mark))
    }
    return figures
  }

  private func figure(
    _ title: String, _ columns: [(name: String, style: String, column: LengthColumn)],
    mark: (length: Int, text: String)? = nil
  ) -> String {
    // The longest one in two hundred would squeeze all others into a corner.
    let high = max(columns.map { $0.column.percentile(0.995) }.max() ?? 0, 1)
    let ranges = Histogram.ranges(from: 0, to: high)
    let series = columns.map {
      HistogramChart.Series(name: $0.name, style: $0.style, histogram: Histogram($0.column, ranges))
    }
    let beyond = series.reduce(0) { $0 + $1.histogram.above }
    let end = ranges.start + ranges.count * ranges.width
    let note = beyond == 0 ? "" : "The last bar also counts the \(beyond.grouped) of \(end.grouped) or more."
    let legend = series.count < 2 ? "" : series.map { "<span><i class=\($0.style)></i>\($0.name)</span>" }.joined()
    return Self.figure(
      title, subtitle: "length in \(statistics.unit)", legend: legend,
      HistogramChart(series: series, unit: statistics.unit, counted: "records", mark: mark), note: note)
  }

  private var differences: String {
    let column = statistics.difference
    let reach = max(1, abs(column.percentile(0.005)), abs(column.percentile(0.995)))
    let ranges = Histogram.ranges(from: -reach, to: reach)
    let histogram = Histogram(column, ranges)
    let series = HistogramChart.Series(name: "chosen − rejected", style: "signed", histogram: histogram)
    let legend =
      "<span><i class=second></i>chosen is shorter</span><span><i class=first></i>chosen is longer, or as long</span>"
    return Self.figure(
      "Length bias", subtitle: "length of the chosen answer minus that of the rejected one, in \(statistics.unit)",
      legend: legend,
      HistogramChart(series: [series], unit: statistics.unit, counted: "pairs", mark: (0, "equally long")),
      note: "A model trained on pairs that lean to one side learns the length along with the preference.")
  }

  private static func figure(
    _ title: String, subtitle: String, legend: String, _ chart: HistogramChart, note: String
  ) -> String {
    "<figure><figcaption><h2>\(title)</h2><p>\(subtitle)</p><div class=legend>\(legend)</div></figcaption>"
      + "\(chart.svg)<p class=note>\(note)</p></figure>"
  }

  private static let style = """
    :root{color-scheme:light dark;--page:#f9f9f7;--card:#fff;--ink:#17170f;--soft:#5f5e57;--line:#e4e3dc;--first:#2a78d6;--second:#eb6834;--mark:#17170f}
    @media(prefers-color-scheme:dark){:root{--page:#111110;--card:#1b1b19;--ink:#f2f1ec;--soft:#a5a39a;--line:#33322e;--first:#3987e5;--second:#d95926;--mark:#f2f1ec}}
    *{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
    main{max-width:860px;margin:0 auto;padding:32px 20px 64px}h1{font-size:22px;margin:0;overflow-wrap:anywhere}.lead{color:var(--soft);margin:4px 0 24px}
    .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(240px,1fr));gap:12px}
    .tile,figure,.table{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px 18px;margin:0 0 12px}.tiles .tile{margin:0}.tiles{margin-bottom:12px}
    .tile b{display:block;font-size:26px;line-height:1.2;font-weight:600}.tile span{font-weight:600}.tile p{color:var(--soft);font-size:13px;margin:6px 0 0}
    .table{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:14px}th,td{padding:5px 8px;text-align:right;white-space:nowrap}
    th:first-child{text-align:left}thead th{color:var(--soft);font-weight:500;border-bottom:1px solid var(--line)}tbody th{font-weight:500}
    figcaption h2{font-size:16px;margin:0}figcaption p{color:var(--soft);margin:0 0 8px;font-size:13px}.legend{display:flex;gap:18px;font-size:13px;flex-wrap:wrap}
    .legend i{display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:6px}i.first{background:var(--first)}i.second{background:var(--second)}
    svg{display:block;width:100%;height:auto;margin-top:6px;overflow:visible}.bar.first{fill:var(--first)}.bar.second{fill:var(--second)}
    .grid{stroke:var(--line)}.axis{stroke:var(--soft)}.mark{stroke:var(--mark);stroke-dasharray:3 3}.tick{fill:var(--soft);font-size:11px}.label{fill:var(--ink);font-size:11px}
    .note{color:var(--soft);font-size:13px;margin:6px 0 0}.note:empty{display:none}
    """
}
