import Foundation
import JSON
import YAML
import Yams

/// A command's options as YAML: `learning-rate: 5e-7`, `data: [a.jsonl, b.jsonl]`, `no-shuffle: true`.
///
/// The names are the command line's without the dashes in front; `_` may stand for `-`; null leaves an option out.
public enum ConfigFile {
  /// What an option takes.
  public enum Kind: Sendable {
    /// One value: `--beta 0.1`.
    case value
    /// Any number of values: `--data a.jsonl b.jsonl`.
    case list
    /// Nothing: `--no-shuffle`.
    case flag
  }

  /// Larger files are something else.
  static let maximumSize = 1 << 20

  /// The file's options as arguments (`--learning-rate=5e-7`), to be put before the user's own.
  ///
  /// Values are passed on as they are written, paths too. Options that `commandLine` holds are left out, since it
  /// overrides the file.
  /// - Parameters:
  ///   - names: The options that the command has.
  ///   - commandLine: The user's own arguments.
  /// - Throws: `ReportingError` with the line.
  public static func arguments(
    from url: URL, names: TextKeyed<Kind>, commandLine: [String] = []
  ) throws(ReportingError) -> [String] {
    let path = url.relativePath
    let given = Set(commandLine.prefix { $0 != "--" }.map { String($0.prefix { $0 != "=" }) })
    var arguments: [String] = []
    var seen: Set<TextKey> = []
    for (name, line, value) in try options(in: path) {
      guard let kind = names[name] else {
        let nearest = nearestName(name, among: names.keys.sorted())
        let suggestion = nearest.map { "; did you mean '\($0)'?" } ?? ""
        throw ReportingError(path, line: line, "there is no option '\(shown(name))'\(suggestion)")
      }
      guard seen.insert(TextKey(name)).inserted else {
        throw ReportingError(path, line: line, "'\(name)' occurs more than once")
      }
      let own = try argumentsOf(name, kind, value, path: path, line: line)
      if !given.contains("--" + name) { arguments += own }
    }
    return arguments
  }

  /// The values of a file of options, by name.
  /// - Throws: `ReportingError` with the line.
  public static func values(from url: URL) throws(ReportingError) -> TextKeyed<JSON> {
    var values: TextKeyed<JSON> = [:]
    for (name, _, value) in try options(in: url.relativePath) {
      values[name] =
        switch value {
        case .sequence(let elements): .array(elements.compactMap { $0.scalar.map { .string($0.string) } })
        default: value.null != nil ? .null : value.scalar.map { .string($0.string) }
        }
    }
    return values
  }

  /// A run's options as YAML that `arguments(from:names:commandLine:)` reads back, in their order.
  public static func text(of options: TextKeyed<JSON>) throws(ReportingError) -> String {
    do { return try YAML.text(of: .object(options)) } catch { throw ReportingError("config.yaml", error.reason) }
  }

  /// The names of a file's options, in their lines, with their values.
  private static func options(in path: String) throws(ReportingError) -> [(name: String, line: Int?, value: Node)] {
    let text = try text(of: path)
    let root: Node?
    do { root = try YAML.compose(text) } catch { throw ReportingError(path, line: error.line, error.reason) }
    guard let root, root.null == nil else { return [] }
    guard let mapping = root.mapping else {
      throw ReportingError(path, line: root.mark?.line, "options were expected, each on a line like 'epochs: 3'")
    }
    var options: [(String, Int?, Node)] = []
    for (key, value) in mapping {
      guard let name = key.scalar?.string.replacing("_", with: "-") else {
        throw ReportingError(path, line: key.mark?.line, "the name of an option was expected before ':'")
      }
      options.append((name, key.mark?.line, value))
    }
    return options
  }

  private static func argumentsOf(
    _ name: String, _ kind: Kind, _ value: Node, path: String, line: Int?
  ) throws(ReportingError) -> [String] {
    func error(_ expected: String) -> ReportingError {
      ReportingError(path, line: value.mark?.line ?? line, "'\(name)' takes \(expected), not \(described(value))")
    }
    if value.null != nil { return [] }
    switch (kind, value) {
    case (.flag, _):
      guard let isOn = value.bool else { throw error("true or false") }
      return isOn ? ["--\(name)"] : []
    case (_, .scalar(let scalar)):
      return ["--\(name)=\(scalar.string)"]
    case (.value, _):
      throw error("one value")
    case (.list, .sequence(let elements)):
      var arguments: [String] = []
      for element in elements {
        guard let scalar = element.scalar, element.null == nil else { throw error("a list of plain values") }
        arguments.append("--\(name)=\(scalar.string)")
      }
      return arguments
    case (.list, _):
      throw error("a list of values")
    }
  }

  private static func described(_ node: Node) -> String {
    switch node {
    case .scalar(let scalar): "'\(shown(scalar.string))'"
    case .sequence(let elements):
      elements.contains { $0.sequence != nil || $0.mapping != nil }
        ? "a nested list" : elements.contains { $0.null != nil } ? "a list with an empty element" : "a list"
    case .mapping: "a mapping"
    case .alias: "an alias"
    }
  }

  /// A stranger's text, short and on one line.
  private static func shown(_ text: String) -> String {
    let line = text.map { $0.isNewline ? " " : $0 }
    return line.count > 60 ? String(line.prefix(60)) + "…" : String(line)
  }

  private static func text(of path: String) throws(ReportingError) -> String {
    let bytes = try readFile(path, limit: maximumSize + 1)
    guard bytes.count <= maximumSize else {
      throw ReportingError(path, "larger than 1 MiB, which no file of options is")
    }
    // A byte order mark is no part of the text.
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    guard let text = String(validating: bytes[start...], as: UTF8.self) else {
      throw ReportingError(path, "not UTF-8 text")
    }
    return text
  }
}
