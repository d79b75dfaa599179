import Foundation
import Testing

/// What the project says of itself is so.
@Suite struct ProjectTests {
  private static let root = URL(filePath: #filePath).appending(path: "../../..").standardized

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// The targets of the package under Sources, with the modules that each says it depends on.
  private static func targets() throws -> [String: Set<String>] {
    let declarations = try text("Package.swift").split(
      separator: /\n    \.(?=target|executableTarget|systemLibrary|testTarget)/)
    var targets: [String: Set<String>] = [:]
    for declaration in declarations.dropFirst() where !declaration.hasPrefix("testTarget") {
      guard let name = declaration.firstMatch(of: /name: "(\w+)"/)?.1, !declaration.contains("path: \"Tests") else {
        continue
      }
      let list = declaration.firstMatch(of: /dependencies: \[((?s).*)/)?.1 ?? ""
      targets[String(name)] = Set(list.matches(of: /"(\w+)"/).map { String($0.1) })
    }
    return targets
  }

  private static func sources(of target: String) throws -> [(path: String, text: String)] {
    let folder = target == "DecodeBenchmark" ? "Benchmarks/Decode" : "Sources/\(target)"
    let paths = FileManager.default.enumerator(atPath: root.appending(path: folder).path)?.compactMap { $0 as? String }
    return try (paths ?? []).filter { $0.hasSuffix(".swift") }.map { ("\(folder)/\($0)", try text("\(folder)/\($0)")) }
  }

  /// Modules of the toolchain.
  private static let toolchain: Set = [
    "Darwin", "Dispatch", "Foundation", "FoundationEssentials", "FoundationNetworking", "Glibc", "Synchronization",
  ]

  @Test func dependenciesAreThoseThatAreImported() throws {
    let targets = try Self.targets()
    #expect(targets.count > 30)
    for (target, declared) in targets {
      let sources = try Self.sources(of: target)
      guard !sources.isEmpty else { continue }
      var imported: Set<String> = []
      for source in sources {
        for line in source.text.split(separator: "\n") {
          guard let name = line.firstMatch(of: /^\s*(?:@\w+ |public |package )?import (?:struct |enum |func )?(\w+)/)?.1
          else { continue }
          imported.insert(String(name))
        }
      }
      imported.subtract(Self.toolchain)
      #expect(imported.subtracting(declared).isEmpty, "\(target) imports what it does not declare")
      #expect(
        declared.intersection(targets.keys).subtracting(imported).isEmpty, "\(target) declares what it does not import")
    }
  }

  @Test func theTableOfModulesIsThePackage() throws {
    let table = try #require(Self.text("docs/architecture.md").components(separatedBy: "\n## Modules\n").last)
    let rows = table.components(separatedBy: "\n## ")[0].split(separator: "\n").filter { $0.hasPrefix("| `") }
    let listed = rows.flatMap { $0.split(separator: "|")[0].matches(of: /`(\w+)`/).map { String($0.1) } }
    #expect(listed.count == Set(listed).count)
    let targets = try Self.targets()
    #expect(Set(listed) == Set(targets.keys), "the table and Package.swift have other modules")
    // An arrow never points up.
    for (index, module) in listed.enumerated() {
      for dependency in targets[module] ?? [] {
        guard let place = listed.firstIndex(of: dependency) else { continue }
        #expect(place < index, "\(module) stands above \(dependency), which it depends on")
      }
    }
  }

  /// Only the command line and the terminal speak to people by themselves.
  @Test func librariesKnowNeitherTerminalsNorOptions() throws {
    let faces: Set = ["caravan", "Terminal", "DecodeBenchmark"]
    for target in try Self.targets().keys where !faces.contains(target) {
      for source in try Self.sources(of: target) {
        // Generated code, pages whose style has variables, and the card, which shows a command line.
        let isExempt = [
          "pb.swift", "StatisticsPage.swift", "SweepPage.swift", "RunPage.swift", "EvaluationPage.swift",
          "ModelCard+sections.swift",
        ]
        .contains(where: source.path.hasSuffix)
        guard !isExempt else { continue }
        // Another program's standard error is its own, and so is that of a mean.
        for word in ["STDERR", "FileHandle.standardError", "ArgumentParser"] {
          #expect(!source.text.contains(word), "\(source.path): \(word)")
        }
        let option = source.text.firstMatch(of: /[" ('\[]--[a-z]{2,}[a-z-]*/)?.0
        #expect(option == nil, "\(source.path) names an option")
      }
    }
  }

  @Test(arguments: [
    "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Benchmarks/README.md", "docs/architecture.md",
    "docs/families.md", "docs/what-is-counted.md",
  ])
  func linksLeadSomewhere(page: String) throws {
    let folder = Self.root.appending(path: page).deletingLastPathComponent()
    for link in try Self.text(page).matches(of: /\]\(([^)#:\s]+)[^):]*\)/) {
      let place = folder.appending(path: String(link.1)).standardized.path
      #expect(FileManager.default.fileExists(atPath: place), "\(page): \(link.1)")
    }
  }
}
