import JSON
import YAML
import Yams

/// What a data set's card (README.md) says of its configurations, in the `configs` of its YAML header.
package struct DataCard: Sendable {
  /// A configuration: files by patterns, by split; without patterns the usual names tell the splits.
  struct Configuration {
    let name: String
    let isDefault: Bool
    /// The folder that everything is relative to; empty for the data set's own.
    let folder: String
    let patterns: [(split: String, patterns: [String])]?
  }

  let configurations: [Configuration]

  /// Whether it names a configuration.
  package func has(_ configuration: String) -> Bool { configurations.contains { $0.name == configuration } }

  /// More than any card has; a bound for the work that a card can ask for.
  private static let mostEntries = 10_000

  /// Reads the card; one that says nothing of configurations has none.
  /// - Throws: `LayoutError` for what datasets does not read either.
  package init(_ markdown: String) throws(LayoutError) {
    try self.init(yaml: YAML.header(ofCard: markdown) ?? "")
  }

  /// Reads a file of YAML alone, as `.huggingface.yaml` is.
  package init(yaml: String) throws(LayoutError) {
    let root: Node?
    do {
      root = try YAML.compose(yaml)
    } catch {
      let line = error.line.map { " (line \($0))" } ?? ""
      throw LayoutError("its card's YAML header cannot be read\(line): \(shown(error.reason))")
    }
    guard let configs = root?.mapping?["configs"], configs.null == nil else {
      configurations = []
      return
    }
    guard let entries = configs.sequence, entries.count <= Self.mostEntries else {
      throw LayoutError("its card's 'configs' is not a list of configurations")
    }
    var configurations: [Configuration] = []
    for entry in entries { configurations.append(try Self.configuration(entry)) }
    self.configurations = configurations
  }

  private static func configuration(_ node: Node) throws(LayoutError) -> Configuration {
    guard let entry = node.mapping, let name = entry["config_name"]?.scalar?.string else {
      throw LayoutError("its card has a configuration without 'config_name'")
    }
    let folder = entry["data_dir"].flatMap { $0.null == nil ? $0.scalar?.string : nil } ?? ""
    var patterns: [(split: String, patterns: [String])]?
    if let files = entry["data_files"], files.null == nil {
      guard let read = Self.patterns(files), read.count <= mostEntries else {
        throw LayoutError(
          "its card's configuration '\(shown(name))' has 'data_files' that are neither patterns nor a list of split and path"
        )
      }
      guard Set(texts: read.map(\.split)).count == read.count else {
        throw LayoutError("its card's configuration '\(shown(name))' has a split twice")
      }
      patterns = read
    }
    return Configuration(
      name: name, isDefault: name == "default" || entry["default"]?.bool == true, folder: folder, patterns: patterns)
  }

  /// A pattern, a list of them, or a list of `split` and `path`; without a split it is `train`.
  private static func patterns(_ node: Node) -> [(split: String, patterns: [String])]? {
    if let texts = texts(node) { return [("train", texts)] }
    guard let entries = node.sequence else { return nil }
    var patterns: [(split: String, patterns: [String])] = []
    for entry in entries {
      guard let split = entry.mapping?["split"]?.scalar?.string, let path = entry.mapping?["path"],
        let texts = texts(path)
      else { return nil }
      patterns.append((split, texts))
    }
    return patterns
  }

  private static func texts(_ node: Node) -> [String]? {
    if let text = node.scalar?.string { return [text] }
    guard let elements = node.sequence, elements.count <= mostEntries else { return nil }
    let texts = elements.compactMap { $0.scalar?.string }
    return texts.count == elements.count ? texts : nil
  }
}

extension DataCard {
  /// The files that may say something of configurations; the first that does counts.
  package static let fileNames = [".huggingface.yaml", "README.md"]
  /// How much of such a file is read.
  package static let longest = 4 << 20

  /// Reads the card of a data set.
  /// - Parameter text: what a file of it holds; nil where it is not there.
  /// - Throws: `LayoutError`.
  package static func read(_ text: (_ fileName: String) -> String?) throws(LayoutError) -> DataCard? {
    for name in fileNames {
      guard let text = text(name) else { continue }
      let card = try name == "README.md" ? DataCard(text) : DataCard(yaml: text)
      if !card.configurations.isEmpty { return card }
    }
    return nil
  }
}
