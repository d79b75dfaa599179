import Foundation
import JSON
import ModelFiles
import Training
import Wording

/// A run that learns from its own answers as one HTML page that needs nothing else: curves of rewards, lengths and divergence, and
/// beside them what the model answers, so that people can see what is learned, and what a reward was tricked into.
struct RunPage {
  private let name: String
  private let curves: TextKeyed<[CurvePoint]>
  private let training: RunSamples
  private let heldOut: RunSamples

  /// The page of the run in a folder.
  init(folder: URL) {
    name = folder.lastPathComponent
    curves = RunMeasures(folder: folder, pointCount: 200) { Self.title($0) != nil }.curves
    training = RunSamples(folder.appending(path: "samples.jsonl"), steps: 5, prompts: 3)
    heldOut = RunSamples(folder.appending(path: "eval_samples.jsonl"), steps: 2, prompts: 12)
  }

  /// Writes it as `run.html`.
  func write(to folder: URL) throws {
    try AtomicFile.write(Array(html.utf8), to: folder.appending(path: "run.html").path)
  }

  /// The page.
  var html: String {
    """
    <!DOCTYPE html>
    <html lang="en"><head><meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/>
    <title>\(escapedForHTML(name))</title><style>\(SweepPage.style)\(Self.style)</style></head><body><main>
    <h1>\(escapedForHTML(name))</h1><p class="lead">Lines are what the batches measured, dots what the held-out prompts did.</p>
    <div class="charts">\(charts.joined(separator: "\n"))</div>
    \(beforeAndAfter)
    \(whileTraining)
    </main></body></html>

    """
  }

  /// What is drawn, and what it is called; nil for what is not.
  private static func title(_ name: String) -> String? {
    let own = name.hasPrefix("eval_") ? String(name.dropFirst("eval_".count)) : name
    if isPart(own) {
      return "Reward: " + own.dropFirst("rewards/".count).dropLast("/mean".count)
    }
    return titles[own]
  }

  /// Whether a measure is what one of several rewards said.
  private static func isPart(_ name: String) -> Bool { name.hasPrefix("rewards/") && name.hasSuffix("/mean") }

  private static let titles = [
    "reward": "Reward", "objective/scores": "Score", "kl": "KL estimate to the reference, nats a token",
    "objective/kl": "KL to the reference, nats an answer", "completions/mean_length": "Length of answers, tokens",
    "completions/clipped_ratio": "Share of answers without an end", "entropy": "Entropy, nats a token",
    "frac_reward_zero_std": "Share of prompts whose answers are all worth the same", "loss": "Loss",
    "loss/value_avg": "Loss of the value model", "rewards/accuracies": "Accuracy", "rewards/margins": "Margin",
  ]

  private var charts: [String] {
    var names: [String] = []
    for name in curves.keys {
      let own = name.hasPrefix("eval_") ? String(name.dropFirst("eval_".count)) : name
      if !names.contains(own) { names.append(own) }
    }
    // Rewards first, each beside the sum.
    let parts = names.filter(Self.isPart)
    // A reward that is the only one is the sum.
    names =
      names.filter { $0 == "reward" } + (parts.count > 1 ? parts : [])
      + names.filter { $0 != "reward" && !Self.isPart($0) }
    return names.compactMap { name in
      let series = [(name, 212, false), ("eval_" + name, 28, true)].compactMap { name, hue, isHeldOut in
        curves[name].map { CurveChart.Series(name: name, hue: hue, isBest: isHeldOut, points: $0) }
      }
      guard series.contains(where: { $0.points.count > 1 }), let title = Self.title(name) else { return nil }
      return
        "<figure><figcaption><h2>\(escapedForHTML(title))</h2><p>\(escapedForHTML(name)) over steps</p></figcaption>"
        + "\(CurveChart(series: series).svg)</figure>"
    }
  }

  /// The same held-out prompts at the first measurement and at the last.
  private var beforeAndAfter: String {
    guard heldOut.steps.count == 2, let first = heldOut.steps.first, let last = heldOut.steps.last else { return "" }
    let rows = zip(first.groups, last.groups).map { before, after in
      row(before.prompt, [before.answers[0], after.answers[0]])
    }
    return section("Held-out prompts", ["before the first step", "after step \(last.step)"], rows)
  }

  /// The best and the worst of a prompt's answers.
  private var whileTraining: String {
    training.steps.filter { !$0.groups.isEmpty }.map { step, groups in
      let rows = groups.map { group in
        let ranked = group.answers.sorted { ($0["reward"]?.double ?? 0) > ($1["reward"]?.double ?? 0) }
        return row(group.prompt, ranked.count > 1 ? [ranked[0], ranked[ranked.count - 1]] : ranked)
      }
      return section("Step \(step)", ["the answer that is worth the most", "the one that is worth the least"], rows)
    }.joined(separator: "\n")
  }

  private func section(_ title: String, _ heads: [String], _ rows: [String]) -> String {
    "<section><h2>\(escapedForHTML(title))</h2><div class=\"pairs heads\">"
      + heads.map { "<p>\(escapedForHTML($0))</p>" }.joined() + "</div>\(rows.joined(separator: "\n"))</section>"
  }

  private func row(_ prompt: String, _ answers: [JSON]) -> String {
    "<div class=\"sample\"><p class=\"prompt\">\(escapedForHTML(Self.cut(prompt)))</p><div class=\"pairs\">"
      + answers.map(cell).joined() + "</div></div>"
  }

  private func cell(_ sample: JSON) -> String {
    var parts = ["\(sample["tokens"]?.int ?? 0) tokens" + (sample["ended"]?.bool == false ? ", no end" : "")]
    for (name, value) in sample["rewards"]?.object ?? [:] {
      parts.append("\(name) \(value.double.map(Self.number) ?? (value["error"] != nil ? "failed" : "–"))")
    }
    let reward = sample["reward"]?.double.map(Self.number) ?? "none"
    return "<div class=\"answer\"><p class=\"text\">\(escapedForHTML(Self.cut(sample["answer"]?.string ?? "")))</p>"
      + "<p class=\"note\"><b>\(reward)</b> · \(escapedForHTML(parts.joined(separator: " · ")))</p></div>"
  }

  private static func number(_ value: Double) -> String { String(format: "%.4g", value) }

  /// Whoever wants to read a novel finds it in the file.
  private static func cut(_ text: String) -> String {
    let most = 1500
    return text.unicodeScalars.count <= most
      ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(most))) + " […]"
  }

  private static let style = """
    section{margin-top:28px}.pairs{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(320px,100%),1fr));gap:8px 16px}
    .heads p{color:var(--soft);font-size:13px;margin:2px 0 8px}
    .sample{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 16px;margin:0 0 12px}
    .prompt{font-weight:600;margin:0 0 8px}.prompt,.text{white-space:pre-wrap;overflow-wrap:anywhere}.text{margin:0 0 6px}.answer .note{margin:0}
    .best polyline{stroke-width:1.5}.best circle{r:3.5px}
    """
}
