import DataLayout
import Foundation
import JSON
import Testing

/// The files of each split are those that the datasets package takes (Scripts/fixtures/splits.py).
@Suite struct PublishedLayoutTests {
  struct Layout: CustomTestStringConvertible {
    let name: String
    let paths: [String]
    let card: String?
    let splits: [String: [String: [String]]]
    var testDescription: String { name }
  }

  static let layouts: [Layout] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/splits.json")
    let json = (try? Data(contentsOf: file)).flatMap { try? JSON(parsing: [UInt8]($0)) }
    return json?.array?.map { layout in
      Layout(
        name: layout["name"]?.string ?? "", paths: layout["paths"]?.array?.compactMap(\.string) ?? [],
        card: layout["card"]?.string,
        splits: (layout["splits"]?.object ?? [:]).reduce(into: [:]) { splits, configuration in
          splits[configuration.key] = (configuration.value.object ?? [:]).reduce(into: [:]) {
            $0[$1.key] = $1.value.array?.compactMap(\.string)
          }
        })
    } ?? []
  }()

  @Test func findsTheFixtures() { #expect(Self.layouts.count >= 79) }

  @Test(arguments: layouts) func splitsAreThoseOfDatasets(layout: Layout) throws {
    let card = try layout.card.flatMap { text in try DataCard.read { $0 == "README.md" ? text : nil } }
    let found = DataLayout(paths: layout.paths, card: card, title: "set")
    for (configuration, splits) in layout.splits {
      for (split, files) in splits {
        let selection = try found.split(split, configuration: configuration.isEmpty ? nil : configuration)
        #expect(selection.files == files, "\(layout.paths) \(layout.card ?? "") \(configuration):\(split)")
      }
      let other = #expect(throws: LayoutError.self) {
        try found.split("no such split", configuration: configuration.isEmpty ? nil : configuration)
      }
      // No more splits than those: each that is there is named.
      let named = other?.problem.split(separator: ":").count ?? 0
      #expect(named == splits.count + 1, "\(other?.problem ?? "")")
    }
  }

  /// Of a file that is in two splits, and of many files, whoever asks is told in good time.
  @Test func whatIsInTwoSplitsIsSaid() throws {
    let both = DataLayout(paths: ["train-test.jsonl", "train.jsonl"], card: nil, title: "set")
    #expect(
      try both.split("train").remarks == ["set:train: train-test.jsonl is also part of the split 'test'"])
    let many = (0..<5_000).map { "a-train-test/\($0 % 100)/part-\($0).jsonl" }
    #expect(try DataLayout(paths: many, card: nil, title: "set").split("test").files.count == 5_000)
  }
}
