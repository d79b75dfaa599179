import Foundation
import FoundationXML
import JSON
import Recipes
import Testing
import Training

/// What is said of finished runs side by side.
@Suite struct SweepComparisonTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "caravan-compared-\(UUID().uuidString)")

  /// A run with so many metrics in its folder.
  private func run(_ place: Int, _ settings: TextKeyed<String>, _ lines: [String]) throws -> SweepComparison.Run {
    let own = folder.appending(path: "run-\(place)")
    try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
    try lines.joined(separator: "\n").write(to: own.appending(path: "metrics.jsonl"), atomically: true, encoding: .utf8)
    return SweepComparison.Run(own, settings, place: place)
  }

  private func runs() throws -> [SweepComparison.Run] {
    [
      try run(
        0, ["beta": "0.1", "learning-rate": "1e-06"],
        (1...20).map { #"{"step": \#($0), "loss": \#(1 - Double($0) / 40), "rewards/accuracies": 0.5}"# }
          + [#"{"step": 20, "eval_loss": 0.6, "eval_rewards/accuracies": 0.75, "eval_log_ratio": -0.0123}"#]),
      try run(
        1, ["beta": "0.5", "learning-rate": "1e-06"],
        [
          #"{"step": 1, "loss": 0.5, "rewards/accuracies": 1.0}"#,
          #"{"step": 1, "eval_loss": 0.7, "eval_rewards/accuracies": 0.875, "eval_log_ratio": 0.5}"#,
        ]),
    ]
  }

  @Test func theTable() throws {
    let comparison = try SweepComparison(runs(), pending: 1, best: nil, losses: ["beta"])
    #expect(
      comparison.table == """
        2 runs, 1 not finished; the best by eval_rewards/accuracies (highest): beta 0.5, learning-rate 1e-06

        beta  learning-rate  train loss  eval loss  eval accuracy  eval log-ratio
        0.5   1e-06              0.5000     0.7000         0.8750          0.5000
        0.1   1e-06              0.5125     0.6000         0.7500        -0.01230

        What batches measured is the mean over the last tenth of the steps.
        Losses, rewards and margins are different measures in runs that differ in beta: compare these only where that is the same.
        The log-ratio is how much likelier held-out answers (of a pair the chosen one) are to the model than to the reference, in \
        nats a token. It is measured on the data and not on the model's own answers, so it is no KL divergence.

        """)
  }

  @Test func theBestIsByTheMeasureThatIsAskedFor() throws {
    let comparison = try SweepComparison(runs(), pending: 0, best: "eval_loss", losses: ["beta"])
    #expect(comparison.table.hasPrefix("2 runs; the best by eval_loss (lowest): beta 0.1, learning-rate 1e-06\n"))
    #expect(try SweepComparison(runs(), pending: 0, best: nil, losses: []).measure == "eval_loss")
    #expect(comparison.json["best"] == "run-0")
    #expect(comparison.json["runs"]?.array?.first?["results"]?["loss"] == 0.5125)
    let error = #expect(throws: TrainingError.self) {
      try SweepComparison(runs(), pending: 0, best: "kl", losses: [])
    }
    #expect(error?.description.hasPrefix("'best': no run has measured kl, but eval_log_ratio, eval_loss, ") == true)
  }

  @Test func damagedAndMissingMetricsAreSpokenOf() throws {
    let runs = try runs() + [run(2, ["beta": "2"], [#"{"step": 1, "loss": 0.1}"#, "garbage", ""])]
    let comparison = try SweepComparison(runs, pending: 0, best: "eval_loss", losses: [])
    #expect(comparison.runs.last?.settings == ["beta": "2"])
    #expect(comparison.table.contains("\n2     –                  0.1000          –              –               –\n"))
    #expect(comparison.notes.contains("One run has no eval_loss, and cannot be the best."))
    #expect(comparison.notes.contains { $0.hasSuffix("run-2/metrics.jsonl is damaged: 1 line is no metrics.") })
  }

  /// Counts a page's elements, and what would load something.
  private final class Reader: NSObject, XMLParserDelegate {
    var elements: [String: Int] = [:]
    var loading: [String] = []
    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      elements[name, default: 0] += 1
      loading += attributes.keys.filter { ["src", "href", "srcset", "data", "action"].contains($0) }
    }
  }

  @Test func thePageIsWholeAndLoadsNothing() throws {
    let more = try run(2, ["reference": "<script>&\""], [#"{"step": 1, "loss": 0.1}"#])
    try SweepComparison(runs() + [more], pending: 0, best: nil, losses: []).write(to: folder)
    let page = try Data(contentsOf: folder.appending(path: "sweep.html"))
    let (parser, reader) = (XMLParser(data: page), Reader())
    parser.delegate = reader
    #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "") in line \(parser.lineNumber)")
    #expect(reader.loading.isEmpty)
    // What was measured once has no curve.
    #expect(reader.elements["svg"] == 2 && reader.elements["tr"] == 4)
    #expect(reader.elements["polyline"] == 3 + 2)
    #expect(reader.elements["script"] == nil && reader.elements["link"] == nil)
    let text = String(decoding: page, as: UTF8.self)
    for loads in ["http", "url(", "@import"] { #expect(!text.contains(loads)) }
  }
}
