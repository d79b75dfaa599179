import Foundation
import Wording

/// Results as one HTML page that needs nothing else: no script, no other files.
struct EvaluationPage {
  private let report: EvaluationReport

  /// The page of a report.
  init(_ report: EvaluationReport) { self.report = report }

  /// The page.
  var html: String {
    """
    <!DOCTYPE html>
    <html lang="en"><head><meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/>
    <title>\(escapedForHTML(report.model))</title><style>\(Self.style)</style></head><body><main>
    <h1>\(escapedForHTML(report.model))</h1><p class="lead">\(escapedForHTML(lead))</p>
    \(report.tasks.map(section).joined(separator: "\n"))
    \(report.remarks.map { "<p class=\"note\">\(escapedForHTML($0))</p>" }.joined(separator: "\n"))
    </main></body></html>

    """
  }

  private var lead: String {
    let limit = report.limit.map { ", at most \($0) items of each task" } ?? ""
    return "\(report.dateName.prefix(10)), \(report.dtype), style \(report.style.rawValue)\(limit)"
  }

  private func section(_ entry: EvaluationReport.Entry) -> String {
    let result = entry.result
    let rows = result.values.map { row($0.label, $0, nil) }.joined()
    let parts = [("Categories", result.categories), ("Parts", result.groups)].filter { !$0.1.isEmpty }.map {
      title, parts in
      let rows = parts.compactMap { part in part.values.first.map { row(part.name, $0, part.count) } }.joined()
      return "<details><summary>\(title)</summary><table><tbody>\(rows)</tbody></table></details>"
    }
    return """
      <section><h2>\(escapedForHTML(result.title))</h2><p>\(result.count) of \(entry.total) items, \(result.shots)-shot</p>
      <table><tbody>\(rows)</tbody></table>\(parts.joined())\(samples(entry))</section>
      """
  }

  private func row(_ name: String, _ value: MetricValue, _ count: Int?) -> String {
    let bar =
      value.isShare ? "<i style=\"width:\(String(format: "%.2f", 100 * min(1, max(0, value.value))))%\"></i>" : ""
    let cells = "<td class=\"bar\">\(bar)</td><td>\(value.text)</td><td>\(count.map(String.init) ?? "")</td>"
    return "<tr><th>\(escapedForHTML(name))</th>\(cells)</tr>"
  }

  /// The first answers, so that people see what was scored.
  private func samples(_ entry: EvaluationReport.Entry) -> String {
    let answers = entry.scored.prefix(5).compactMap { one -> String? in
      guard case .texts = one.answer, let metric = entry.task.metrics.first(where: { one.scores[$0.key] != nil }) else {
        return nil
      }
      let score = one.scores[metric.key]?.first ?? 0
      return "<div><p class=\"prompt\">\(escapedForHTML(Self.cut(one.item.prompt.question)))</p>"
        + "<p>\(escapedForHTML(Self.cut(one.answer.text)))</p>"
        + "<p class=\"note\">\(metric.name) \(String(format: "%.4g", score))</p></div>"
    }
    return answers.isEmpty ? "" : "<details><summary>Answers</summary>\(answers.joined())</details>"
  }

  private static func cut(_ text: String) -> String {
    let most = 1200
    guard text.unicodeScalars.count > most else { return text }
    return String(String.UnicodeScalarView(text.unicodeScalars.prefix(most))) + " […]"
  }

  private static let style = """
    :root{color-scheme:light dark;--page:#f9f9f7;--card:#fff;--ink:#17170f;--soft:#5f5e57;--line:#e4e3dc;--bar:#4f7fbf}
    @media(prefers-color-scheme:dark){:root{--page:#111110;--card:#1b1b19;--ink:#f2f1ec;--soft:#a5a39a;--line:#33322e;--bar:#6f9bd8}}
    *{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
    main{max-width:860px;margin:0 auto;padding:32px 20px 64px}h1{font-size:22px;margin:0;overflow-wrap:anywhere}h2{font-size:16px;margin:0}
    .lead,.note,section>p{color:var(--soft);margin:2px 0 10px}section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px;margin:14px 0}
    table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:14px}th{text-align:left;font-weight:500;padding:3px 8px 3px 0;width:34%;overflow-wrap:anywhere}
    td{text-align:right;padding:3px 0 3px 8px;white-space:nowrap}.bar{width:30%;background:linear-gradient(var(--line),var(--line)) no-repeat center/100% 8px}
    .bar i{display:block;height:8px;background:var(--bar)}details{margin-top:10px}summary{cursor:pointer;color:var(--soft)}
    details div{border-top:1px solid var(--line);margin-top:8px;padding-top:8px}details p{white-space:pre-wrap;overflow-wrap:anywhere;margin:0 0 6px}.prompt{font-weight:600}
    """
}
