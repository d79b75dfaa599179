import Foundation
import JSON
import Reporting
import TestSupport
import Testing

@Suite struct ConfigFileTests {
  static let names: TextKeyed<ConfigFile.Kind> = [
    "model": .value, "data": .list, "eval-data": .list, "epochs": .value, "batch-size": .value,
    "learning-rate": .value, "loss": .value, "bos": .value, "seed": .value, "no-shuffle": .flag, "resume": .flag,
  ]

  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func arguments(_ yaml: String, commandLine: [String] = []) throws -> [String] {
    let url = try folder.write("config.yaml", yaml)
    return try ConfigFile.arguments(from: url, names: Self.names, commandLine: commandLine)
  }

  @Test func turnsOptionsIntoArguments() throws {
    let yaml = """
      # A run.
      model: base/llama
      data: [a.jsonl, "b c.jsonl"]
      eval_data:
        - d.jsonl
      epochs: 3
      learning-rate: 5e-7
      no-shuffle: true
      resume: false
      loss: ~
      bos: no

      """
    let expected = [
      "--model=base/llama", "--data=a.jsonl", "--data=b c.jsonl", "--eval-data=d.jsonl", "--epochs=3",
      "--learning-rate=5e-7", "--no-shuffle", "--bos=no",
    ]
    #expect(try arguments(yaml) == expected)
  }

  @Test(arguments: [
    ("learning-rate: 5E-07", "--learning-rate=5E-07"), ("seed: 0x1F", "--seed=0x1F"), ("seed: 1_000", "--seed=1_000"),
    ("seed: 007", "--seed=007"), ("epochs: 1:30", "--epochs=1:30"), ("model: 2024-01-01", "--model=2024-01-01"),
    ("model: 'null'", "--model=null"), ("model: ''", "--model="), ("model: -x", "--model=-x"),
    ("model: \"\\u00e9 😀\"", "--model=é 😀"), ("model: a#b", "--model=a#b"), ("data: one.jsonl", "--data=one.jsonl"),
    ("\u{FEFF}seed: 1", "--seed=1"), ("seed: 1\r\n", "--seed=1"), ("--- \nseed: 1\n...\n", "--seed=1"),
    ("data: &a [x]\neval-data: []", "--data=x"), ("no-shuffle: yes", "--no-shuffle"),
  ])
  func passesValuesOnAsWritten(yaml: String, argument: String) throws {
    #expect(try arguments(yaml) == [argument])
  }

  @Test(arguments: ["", "# nothing\n", "---\n", "~", "{}", "data: []", "epochs:\nloss: null", "no-shuffle: off"])
  func nothingGivenIsNoArgument(yaml: String) throws {
    #expect(try arguments(yaml) == [])
  }

  @Test func theCommandLineOverrides() throws {
    let yaml = "epochs: 3\ndata: [a, b]\nseed: 1\nno_shuffle: true\nloss: ipo\nbos: auto"
    let commandLine = ["dpo", "--epochs", "1", "--data=c", "--no-shuffle", "--", "--seed"]
    #expect(try arguments(yaml, commandLine: commandLine) == ["--seed=1", "--loss=ipo", "--bos=auto"])
  }

  @Test(arguments: [
    ("epochs: 3\nlearning-rat: 1", "2: there is no option 'learning-rat'; did you mean 'learning-rate'?"),
    ("xyzzy: 1", "1: there is no option 'xyzzy'"),
    ("Epochs: 1", "1: there is no option 'Epochs'; did you mean 'epochs'?"),
    ("1: 2", "1: there is no option '1'"),
    ("<<: {epochs: 1}", "1: there is no option '<<'"),
    ("? [a, b]\n: 1", "1: the name of an option was expected before ':'"),
    ("epochs: 1\nepochs: 2", "1: 'epochs' occurs more than once"),
    ("batch-size: 1\nbatch_size: 2", "2: 'batch-size' occurs more than once"),
    ("epochs:\n  value: 3", "2: 'epochs' takes one value, not a mapping"),
    ("epochs: [1, 2]", "1: 'epochs' takes one value, not a list"),
    ("data: {a: b}", "1: 'data' takes a list of values, not a mapping"),
    ("data: [a, [b]]", "1: 'data' takes a list of plain values, not a nested list"),
    ("data:\n- a\n-", "2: 'data' takes a list of plain values, not a list with an empty element"),
    ("no-shuffle: 1", "1: 'no-shuffle' takes true or false, not '1'"),
    ("no-shuffle: 'true'", "1: 'no-shuffle' takes true or false, not 'true'"),
    ("no-shuffle: [true]", "1: 'no-shuffle' takes true or false, not a list"),
    ("- epochs", "1: options were expected, each on a line like 'epochs: 3'"),
    ("\n\njust text", "3: options were expected, each on a line like 'epochs: 3'"),
    ("epochs: 1\n\tseed: 2", "2: while scanning a plain scalar, found a tab character that violates indentation"),
    ("epochs: [1", "2: while parsing a flow sequence, did not find expected ',' or ']'"),
    ("epochs: 'a", "1: while scanning a quoted scalar, found unexpected end of stream"),
    ("a: b: c", "1: mapping values are not allowed in this context"),
    ("data: *nothing", "1: found undefined alias"),
    ("epochs: 1\n---\nepochs: 2", "2: expected a single document in the stream, but found another document"),
    ("epochs: 1\nmodel: a\0b", "2: control characters are not allowed"),
    ("epochs: \"\\ud800\"", "1: while parsing a quoted scalar, found invalid Unicode character escape code"),
  ])
  func saysWhatIsWrong(yaml: String, message: String) throws {
    let error = #expect(throws: ReportingError.self) { try arguments(yaml) }
    let description = try #require(error?.description)
    #expect(description == "\(folder.url.path)/config.yaml:\(message)")
    #expect(!description.contains("\n"))
  }

  @Test(arguments: [
    String(repeating: "[", count: 200_000), String(repeating: "{a: ", count: 200_000),
    String(repeating: "- ", count: 200_000), String(repeating: "? ", count: 200_000),
    String(repeating: "a: &a\n", count: 1000), String(repeating: "&a ", count: 1000), "!!binary {a: b}", "!<x> [",
    "%YAML 9.9\n---\na: b", "epochs: !!int [1]", "%TAG ! x\n---\n!a b", "!!set {a, b}", "*a : b", "&a *a",
    String(repeating: "x", count: 1 << 20) + ": 1", String(repeating: "#", count: 2 << 20),
  ])
  func survivesMalice(yaml: String) throws {
    let error = #expect(throws: ReportingError.self) { try arguments(yaml) }
    let description = try #require(error?.description)
    #expect(!description.contains("\n"))
    #expect(description.count < folder.url.path.count + 250)
  }

  /// Aliases that multiply: hashed as a key, this would take longer than the universe has lasted.
  @Test(.timeLimit(.minutes(1)), arguments: ["model: *z", "? *z\n: 1", "? [*z]\n: 1", "*z : 1"])
  func refusesABombOfAliases(end: String) throws {
    let letters = Array("abcdefghijklmnopqrstuvwxyz")
    var yaml = "a: &a [" + Array(repeating: "x", count: 9).joined(separator: ",") + "]\n"
    for (letter, next) in zip(letters, letters.dropFirst()) {
      yaml += "\(next): &\(next) [" + Array(repeating: "*\(letter)", count: 9).joined(separator: ",") + "]\n"
    }
    let error = #expect(throws: ReportingError.self) { try arguments(yaml + end) }
    #expect(error?.reason == "more than 32 YAML aliases (*name)")
  }

  @Test func saysThatTheFileCannotBeRead() throws {
    func message(_ name: String) -> String? {
      let url = URL(fileURLWithPath: folder.url.path + "/" + name)
      return #expect(throws: ReportingError.self) { try ConfigFile.arguments(from: url, names: Self.names) }?.reason
    }
    #expect(message("missing.yaml") == "cannot read: No such file or directory")
    #expect(message("") == "cannot read: Is a directory")
    try Data([0x61, 0x3A, 0x20, 0xFF]).write(to: folder.url.appending(path: "latin1.yaml"))
    #expect(message("latin1.yaml") == "not UTF-8 text")
    try Data([0xEF, 0xBB]).write(to: folder.url.appending(path: "mark.yaml"))
    #expect(message("mark.yaml") == "not UTF-8 text")
    try Data(repeating: 0x23, count: 2 << 20).write(to: folder.url.appending(path: "large.yaml"))
    #expect(message("large.yaml") == "larger than 1 MiB, which no file of options is")
  }

  @Test func writesWhatItReadsBack() throws {
    let options: TextKeyed<JSON> = [
      "model": "no", "data": ["a: b", "- c", "null", "x\ny", "é 😀", "", "#", "5e-7", "@", "*a", "'\"", " "],
      "epochs": 3, "learning-rate": 5e-7, "loss": .null, "seed": "~", "no-shuffle": true, "resume": false,
      "eval-data": [], "bos": "1e3",
    ]
    let yaml = try ConfigFile.text(of: options)
    var expected = ["--model=no"]
    expected += (options["data"]?.array ?? []).map { "--data=" + ($0.string ?? "") }
    expected += ["--epochs=3", "--learning-rate=5e-07", "--seed=~", "--no-shuffle", "--bos=1e3"]
    #expect(try arguments(yaml) == expected)
    #expect(yaml.hasPrefix("model: 'no'\ndata:\n- 'a: b'\n- '- c'\n- 'null'\n"))
    #expect(
      yaml.contains("\nepochs: 3\nlearning-rate: 5e-07\nloss: null\nseed: '~'\nno-shuffle: true\nresume: false\n"))
  }
}
