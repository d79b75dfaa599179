import Foundation
import Testing

/// The pages of the libraries show programs that are built and run.
@Suite struct PageTests {
  private static let root = URL(filePath: #filePath).appending(path: "../../..").standardized

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  private static func products() throws -> [String] {
    try text("Package.swift").matches(of: /\.library\(name: "(\w+)"/).map { String($0.1) }
  }

  /// The program of an example, without the comment at its top.
  private static func program(_ name: String) throws -> String {
    try text("Examples/Sources/\(name)/main.swift").replacing(/^(?:\/\/.*\n)+/, with: "")
  }

  private static func programs() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Examples/Sources").path)
  }

  private static func blocks(_ page: String) throws -> [String] {
    try text(page).matches(of: /```swift\n((?s).*?)```/).map { String($0.1) }
  }

  /// The first program of a page is whole and short; all others are parts of programs.
  @Test func eachProductHasAPageWithAProgram() throws {
    let products = try Self.products()
    #expect(products.contains("Inference"))
    let programs = try Self.programs().map(Self.program)
    for product in products {
      let page = "Sources/\(product)/\(product).docc/\(product).md"
      let blocks = try Self.blocks(page)
      let first = try #require(blocks.first, "\(page) has no program")
      #expect(programs.contains(first), "the first program of \(page) is none of Examples")
      #expect(first.split(separator: "\n", omittingEmptySubsequences: false).count <= 26, "\(page)'s program is long")
      for block in blocks {
        #expect(programs.contains { $0.contains(block) }, "\(page) shows what is in none of Examples: \(block)")
      }
    }
  }

  @Test func eachExampleIsBuiltAndRun() throws {
    let run = try #require(Self.text("Makefile").firstMatch(of: /\nEXAMPLES := (.*)\n/)?.1).split(separator: " ")
    let built = try Self.text("Examples/Package.swift").matches(of: /program\("(\w+)"/).map(\.1)
    let programs = Set(try Self.programs())
    #expect(Set(run.map(String.init)) == programs)
    #expect(Set(built.map(String.init)) == programs)
  }

  /// A page has a link to each of its module's public types but those within others, and `make docs` builds it.
  @Test func eachPageNamesTheTypesOfItsModule() throws {
    let modules = try #require(Self.text("Makefile").firstMatch(of: /\nDOCUMENTED := (.*)\n/)?.1).split(separator: " ")
    #expect(try Set(Self.products()).isSubset(of: modules.map(String.init)))
    for module in modules {
      let page = try Self.text("Sources/\(module)/\(module).docc/\(module).md")
      let topics = try #require(page.split(separator: "\n## Topics\n").last, "\(module)'s page has no topics")
      let listed = topics.matches(of: /\n- ``(\w+)``/).map { String($0.1) }
      #expect(listed.count == Set(listed).count, "\(module)'s page names a type twice")
      let folder = Self.root.appending(path: "Sources/\(module)").path
      let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
      let declared = try files.filter { $0.hasSuffix(".swift") }.flatMap {
        try Self.text("Sources/\(module)/\($0)")
          .matches(of: /\npublic (?:final )?(?:struct|enum|class|protocol|actor|typealias) (\w+)/).map { String($0.1) }
      }
      #expect(Set(listed) == Set(declared), "\(module)'s page and its public types differ")
    }
  }
}
