import Foundation
import JSON
import TestSupport
import Testing

/// The page's Markdown, run by Node: what it makes of small texts, and in what time.
@Suite(.enabled(if: Node.isInstalled, "needs node, which 'make test' installs")) struct MarkdownTests {
  /// Texts by what they show, with their HTML as GitHub's cmark-gfm writes it; Scripts/fixtures/markdown.py has filled it in.
  private static let cases: [(group: String, cases: [[String]])] = {
    guard
      let json = try? JSON(parsing: String(contentsOf: Node.fixtures.appending(path: "markdown.json"), encoding: .utf8))
    else { return [] }
    return (json.object ?? [:]).map { ($0.key, ($0.value.array ?? []).map { ($0.array ?? []).compactMap(\.string) }) }
  }()

  @Test(arguments: cases.map(\.group)) func itIsReadAsGitHubReadsIt(_ group: String) throws {
    let cases = try #require(Self.cases.first { $0.group == group }?.cases)
    let found = try Node.markdown(cases.map { $0[0] })
    #expect(found.count == cases.count && cases.count > 10)
    for (each, html) in zip(cases, found) { #expect(html.string == each[1], "\(each[0])") }
  }

  @Test func thereAreCases() { #expect(Self.cases.count == 23 && Self.cases.map(\.cases.count).reduce(0, +) > 700) }

  /// What makes careless readers quadratic, 30 kB of each.
  @Test func noTextTakesLong() throws {
    let parts = [
      "*", "_", "[", "`", "**a ", "> ", "- ", "|", "![", "~~a", "<", "\\", "[a](", "1. ", "a@", "a.", "$a ", "$$",
      "\\(",
      "\\[\n", "$$\n", "&", "<!--", "<a ", "[a](b", "![a](", "a**b*c", "](", "[a]: b\n", "[a]: b 'x\n", "| a |\n|-|\n",
      "`a``b```c", "*a_ ", "_a*", "[![", "- a\n", "  - a\n", "http://", "www.", "((", "https://a.b/((((",
      "https://a.b/))))",
      "<br>", "a\n", "#", "# #", "    a\n", "\t", "> - ", "{", "\\frac{", "$\\frac{", "* - ", "~", "***", "a *b _c ",
      "[a] [b][c]", "<a b='", "\\begin{a}\n", "😀*", "- [ ] ", "\n", " \n", "`\n", "```\n", "~~~\n> ", "**[", "\u{A0}*",
      "www.a&amp;", "&#x", "[](", "<https://", "<a@",
    ]
    let times = try Node.markdown(parts.map { String(repeating: $0, count: 30_000 / $0.utf8.count) }, mode: "times")
    #expect(times.count == parts.count)
    for (part, time) in zip(parts, times) {
      let milliseconds = try #require(time.double)
      #expect(milliseconds < 2000, "\(part)")
    }
  }
}

/// The program that runs JavaScript without a browser.
private enum Node {
  static let fixtures = Checkout.fixtures(of: "ServingTests")
  static let isInstalled = (try? run(["--version"], input: Data())) != nil

  /// What Fixtures/markdown.mjs writes about texts.
  static func markdown(_ texts: [String], mode: String = "html") throws -> [JSON] {
    let folder = try TemporaryFolder()
    // Older versions take a .js file for a module only where a package says so.
    try folder.write("package.json", #"{ "type": "module" }"#)
    let page = Checkout.root.appending(path: "Sources/Serving/Resources")
    for file in try FileManager.default.contentsOfDirectory(at: page, includingPropertiesForKeys: nil)
    where file.pathExtension == "js" {
      try FileManager.default.copyItem(at: file, to: folder.url(file.lastPathComponent))
    }
    let output = try run(
      [fixtures.appending(path: "markdown.mjs").path, folder.path, mode],
      input: Data(JSON.array(texts.map { .string($0) }).text.utf8))
    return try #require(JSON(parsing: output).array)
  }

  private static func run(_ arguments: [String], input: Data) throws -> String {
    let (process, output, folder) = (Process(), Pipe(), try TemporaryFolder())
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["node"] + arguments
    process.standardInput = try FileHandle(forReadingFrom: folder.write("input", input))
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    return text
  }
}
