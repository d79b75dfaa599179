import ArgumentParser
import Foundation

/// Where the records that a command keeps go, and those that it removes.
struct SieveOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The file to write; by default standard output.", valueName: "file"))
  var output: String?

  @Option(help: ArgumentHelp("A file for the records that are removed.", valueName: "file"))
  var removed: String?

  func validate() throws {
    if let output, let removed { try requireDifferent(output, removed, "--output and --removed") }
  }
}

/// Refuses two outputs in one file, of which only one would be left.
func requireDifferent(_ path: String, _ other: String, _ names: String) throws {
  guard URL(filePath: path).standardizedFileURL != URL(filePath: other).standardizedFileURL else {
    throw ValidationError("\(names) name the same file")
  }
}
