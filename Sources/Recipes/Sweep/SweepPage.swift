import JSON
import Wording

/// The comparison of a sweep's runs as one HTML page that needs nothing else: no script, no other files.
struct SweepPage {
  private let comparison: SweepComparison
  private let name: String
  /// A page about a sweep of some name.
  init(_ comparison: SweepComparison, name: String) {
    self.comparison = comparison
    self.name = name
  }

  /// The colour of a run. Steps of the golden angle keep any number of them apart.
  private func hue(_ run: SweepComparison.Run) -> Int { (run.place * 137 + 212) % 360 }

  /// The page.
  var html: String {
    let (names, heads) = (comparison.settingNames.count, comparison.heads)
    func cells(_ texts: [String], _ tag: String) -> String {
      texts.enumerated().map { "<\(tag)\($0 < names ? " class=\"name\"" : "")>\(escapedForHTML($1))</\(tag)>" }.joined()
    }
    let rows = comparison.runs.enumerated().map { place, run in
      let attributes = "title=\"\(escapedForHTML(run.folder.lastPathComponent))\"\(place == 0 ? " class=\"best\"" : "")"
      return "<tr \(attributes)><td class=\"name\"><i style=\"--h:\(hue(run))\"></i></td>"
        + cells(comparison.cells(run), "td") + "</tr>"
    }
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/>
      <title>\(escapedForHTML(name))</title><style>\(Self.style)</style></head><body><main>
      <h1>\(escapedForHTML(name))</h1><p class="lead">\(escapedForHTML(comparison.summary))</p>
      <div class="table"><table><thead><tr><th></th>\(cells(heads, "th"))</tr></thead>
      <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
      \(comparison.notes.map { "<p class=\"note\">\(escapedForHTML($0))</p>" }.joined(separator: "\n"))
      <div class="charts">\(charts.joined(separator: "\n"))</div>
      <p class="note">A curve has at most \(SweepComparison.pointCount(runs: comparison.runs.count)) points; of more steps they are means.</p>
      </main></body></html>

      """
  }

  private var charts: [String] {
    SweepMeasure.shown.compactMap { measure in
      let series = comparison.runs.enumerated().compactMap { place, run -> CurveChart.Series? in
        guard let points = run.curves[measure.name] else { return nil }
        return CurveChart.Series(name: run.title, hue: hue(run), isBest: place == 0, points: points)
      }
      // What is measured once has no course.
      guard series.contains(where: { $0.points.count > 1 }) else { return nil }
      return "<figure><figcaption><h2>\(measure.title)</h2><p>\(measure.name) over steps</p></figcaption>"
        + "\(CurveChart(series: series).svg)</figure>"
    }
  }

  static let style = """
    :root{color-scheme:light dark;--page:#f9f9f7;--card:#fff;--ink:#17170f;--soft:#5f5e57;--line:#e4e3dc;--best:#f1f5ea;--curve:68% 46%}
    @media(prefers-color-scheme:dark){:root{--page:#111110;--card:#1b1b19;--ink:#f2f1ec;--soft:#a5a39a;--line:#33322e;--best:#262c20;--curve:72% 62%}}
    *{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
    main{max-width:1180px;margin:0 auto;padding:32px 20px 64px}h1{font-size:22px;margin:0;overflow-wrap:anywhere}.lead{color:var(--soft);margin:4px 0 24px;overflow-wrap:anywhere}
    figure,.table{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px;margin:0 0 12px}
    .table{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:14px}
    th,td{padding:5px 10px;text-align:right;white-space:nowrap}.name{text-align:left}thead th{color:var(--soft);font-weight:500;border-bottom:1px solid var(--line)}
    td:first-child{padding-right:0}.best td{background:var(--best);font-weight:600}
    i{display:inline-block;width:12px;height:12px;border-radius:3px;background:hsl(var(--h) var(--curve))}
    .note{color:var(--soft);font-size:13px;margin:0 0 8px}.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(400px,100%),1fr));gap:12px;margin-top:16px}.charts figure{margin:0}
    h2{font-size:15px;margin:0}figcaption p{color:var(--soft);margin:0;font-size:12px}svg{display:block;width:100%;height:auto;margin-top:6px}
    svg text{fill:var(--soft);font-size:11px}.grid{stroke:var(--line)}.curve{--c:hsl(var(--h) var(--curve))}polyline{fill:none;stroke:var(--c);stroke-width:1.5;stroke-linejoin:round}circle{fill:var(--c)}.best polyline{stroke-width:3}
    """
}
