import ArgumentParser
import DataShaping
import Datasets
import Foundation

/// `caravan data mix`: one data set of several.
struct DataMix: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mix",
    abstract: "Combines several data sets into one, in random order.",
    usage: "caravan data mix --data <name>=<path> ... [--take <name>=<count> ...] [--weight <name>=<weight> ...]",
    discussion: """
      Give each path as NAME=PATH; without NAME, the name is that of the file up to the first dot. Paths with the same name \
      are one source. A source is taken whole unless --take or --weight says otherwise; then records are chosen at random, \
      without repetition. Sources with weights give as many records as the smallest of them allows. Records are copied byte \
      for byte. Large mixtures are shuffled in temporary files (TMPDIR).

      Examples:
        caravan data mix --data ultra=uf.jsonl hh=hh.jsonl.gz \\
          --take hh=20000 --output mixture.jsonl
        caravan data mix --data a.jsonl b.jsonl --weight a=0.7 b=0.3
      """)

  @OptionGroup(title: "Data") var input: DataPaths

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("How many records to take from a source.", valueName: "name=count"))
  var take: [NamedNumber] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("The share of a source among the sources with weights.", valueName: "name=weight"))
  var weight: [NamedNumber] = []

  @Option(help: "How many records the sources with weights give together; by default as many as possible.")
  var total: Int?

  @Flag(name: .customLong("repeat"), help: "Repeat records of a source that has too few.")
  var repeating = false

  @Option(help: "The seed of all random choices: the same seed gives the same result.")
  var seed: UInt64 = 42

  @Option(help: ArgumentHelp("The file to write; by default standard output.", valueName: "file"))
  var output: String?

  func validate() throws {
    let names = Set(input.data.map { Self.source($0).name })
    for number in take + weight where !names.contains(number.name) {
      throw ValidationError(
        "there is no source '\(number.name)'; the sources are \(names.sorted().joined(separator: ", "))")
    }
    let limited = (take + weight).map(\.name)
    guard Set(limited).count == limited.count else {
      throw ValidationError("give each source one --take or one --weight, not several")
    }
    guard take.allSatisfy({ Int(exactly: $0.number) != nil && $0.number >= 0 }) else {
      throw ValidationError("--take needs whole numbers of records, as in --take hh=20000")
    }
    guard weight.allSatisfy({ $0.number > 0 && $0.number < 1e9 }) else {
      throw ValidationError("--weight needs positive numbers, as in --weight hh=0.3")
    }
    guard total == nil || !weight.isEmpty else { throw ValidationError("--total needs sources with a --weight") }
    guard total.map({ (1..<Int(UInt32.max)).contains($0) }) ?? true else {
      throw ValidationError("--total must be at least 1")
    }
  }

  func run() throws {
    var paths: [(name: String, paths: [String])] = []
    for (name, path) in input.data.map(Self.source) {
      if let index = paths.firstIndex(where: { $0.name == name }) {
        paths[index].paths.append(path)
      } else {
        paths.append((name, [path]))
      }
    }
    paths = try paths.map { ($0.name, try Named.data($0.paths)) }
    let output = try DataOutput(path: output)
    _ = try DataFiles.size(ofFilesAt: paths.flatMap(\.paths))

    // What there is, all of it checked, and how much of it is taken.
    var sizes: [Int] = []
    var sources: [MixPlan.Source] = []
    for (name, paths) in paths {
      var size = 0
      let report = try InputOptions.read(paths, as: ObjectRecord.self) { _ in
        ()
      } _: { _, line in
        size += line.count
      }
      sizes.append(size)
      sources.append(
        MixPlan.Source(
          name: name, count: report.read, take: take.first { $0.name == name }.flatMap { Int(exactly: $0.number) },
          weight: weight.first { $0.name == name }?.number))
    }
    let plan = try MixPlan(sources, total: total, repeating: repeating)
    let count = plan.taken.reduce(0, +)
    guard count > 0 else { throw NothingKept() }
    let size = zip(zip(sources, sizes), plan.taken).reduce(0.0) { sum, source in
      sum + Double(source.0.1) * Double(source.1) / Double(max(1, source.0.0.count))
    }

    // A second reading takes it.
    var seeds = SplitMix64(seed: seed)
    let lines = try ShuffledLines(count: count, size: Int(size), seed: seeds.next())
    for (index, source) in sources.enumerated() {
      var selection = RandomSelection(plan.taken[index], of: source.count, seed: seeds.next())
      let reader = try DatasetReader<ObjectRecord>(paths[index].paths)
      while let line = try reader.nextLine() {
        for _ in 0..<selection.next() { try lines.add(line) }
      }
      let share = String(format: "%.1f%%", 100 * Double(plan.taken[index]) / Double(count))
      note("\(source.name): took \(plan.taken[index]) of \(source.count) records, \(share) of the mixture")
    }
    try lines.forEach { try output.write(line: $0) }
    try output.finish()
  }

  /// The name and path of a source; the path alone, where there is such a file.
  private static func source(_ argument: String) -> (name: String, path: String) {
    if !FileManager.default.fileExists(atPath: argument), let sign = argument.firstIndex(of: "="),
      sign != argument.startIndex
    {
      return (String(argument[..<sign]), String(argument[argument.index(after: sign)...]))
    }
    let file = URL(filePath: argument).lastPathComponent
    return (String(file.split(separator: ".").first ?? Substring(file)), argument)
  }
}

/// A source and a number, as in `hh=20000`.
struct NamedNumber: ExpressibleByArgument {
  let name: String
  let number: Double

  init?(argument: String) {
    guard let sign = argument.lastIndex(of: "="), sign != argument.startIndex,
      let number = Double(argument[argument.index(after: sign)...]), number.isFinite
    else { return nil }
    (name, self.number) = (String(argument[..<sign]), number)
  }
}
