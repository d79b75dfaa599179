import Foundation
import JSON
import TestSupport
import Testing

/// Models, data and folders that are not what they should be: exit status 1 and one clear line.
@Suite struct HostileInputTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  /// Runs `dpo` with these instead of the usual options.
  private func dpo(
    model: String = Workplace.model, data: String = Workplace.pairs, output: String = "run", _ rest: String...,
    environment: [String: String] = [:]
  ) throws -> Outcome {
    try place.run(
      ["dpo", "--model", model, "--data", data, "--output", output, "--threads", "1", "--max-steps", "3"] + rest,
      environment: environment)
  }

  /// Expects that a model is refused by every command that reads one, without leaving a folder.
  private func expectRefused(_ model: String, _ message: String, _ location: SourceLocation = #_sourceLocation) throws {
    try dpo(model: model).failed(1, message, location)
    try place.run(["generate", "--model", model, "--max-tokens", "1", "Hello."]).failed(1, message, location)
    #expect(!FileManager.default.fileExists(atPath: place.url("run").path), sourceLocation: location)
  }

  private func path(_ name: String) -> String { place.url(name).path }

  // MARK: The machine

  /// A frozen base in bfloat16 is read from its file for as long as a run lasts.
  @Test func weightsThatShrinkInUseEndTheRunInALine() throws {
    try place.run(["export", "safetensors", Workplace.model, "--dtype", "bfloat16", "--output", "narrow"]).succeeded()
    let command = try Command(
      ["dpo", "--model", "narrow"] + Workplace.dpo.dropFirst(3) + [
        "--epochs", "4000", "--lora-rank", "2", "--output", "run",
      ],
      in: place)
    try command.until { try command.errors.contains("step") }
    #expect(truncate(path("narrow/model.safetensors"), 4096) == 0)
    let outcome = try command.outcome()
    #expect(outcome.status == 1 && !outcome.isSignal, "\(outcome)")
    #expect(
      outcome.error
        == "a file became shorter or unreadable while it was being read; do not change a model while it is in use")
  }

  @Test(arguments: Array(stride(from: 400_000, through: 700_000, by: 25_000)))
  func tooLittleMemoryIsSaidInALine(kibibytes: Int) throws {
    let outcome = try Command(
      Workplace.dpo + ["--max-steps", "1", "--output", "run"], in: place,
      launcher: ["/bin/sh", "-c", "ulimit -v \(kibibytes); exec \"$@\"", "sh"]
    ).outcome()
    #expect(!outcome.isSignal && (outcome.status == 0) == (outcome.error == nil), "\(outcome)")
    #expect(outcome.status <= 1 && !outcome.errors.contains("terminate called"), "\(outcome)")
  }

  // MARK: Models

  @Test func whatIsNoModelFolder() throws {
    try expectRefused("nothing", "\(path("nothing")): there is no such folder")
    try place.write("model.gguf", Array("GGUF\u{3}".utf8))
    try expectRefused(
      "model.gguf", "\(path("model.gguf")): is truncated: its header does not end within its 5 bytes")
    try place.write("junk/model.gguf", Array("GGUF\u{3}".utf8))
    try expectRefused(
      "junk",
      "\(path("junk")): holds a GGUF file (model.gguf) and no config.json; name the file itself"
    )
    try place.write("file.txt", "text")
    try expectRefused("file.txt", "\(path("file.txt")): is a file; name the folder that holds config.json")
    try place.write("empty/file.txt", "text")
    try expectRefused("empty", "\(path("empty")): holds no config.json; it is not a model folder")
    try dpo("--reference", "nothing").failed(1, "\(path("nothing")): there is no such folder")
  }

  @Test func weightsThatAreMissingCutOrLying() throws {
    try place.copyModel()
    let file = place.url("model/model.safetensors")
    let bytes = Array(try Data(contentsOf: file))
    try place.write("model/model.safetensors", Array(bytes[..<50000]))
    try expectRefused(
      "model",
      "\(file.path): is truncated: tensor 'model.layers.0.mlp.up_proj.weight' ends at byte 52352 of the data, which has 47976"
    )
    try place.write("model/model.safetensors", [UInt8](repeating: 255, count: 7) + [127] + bytes[8...])
    try expectRefused(
      "model",
      "\(file.path): is not a safetensors file: its header claims 9223372036854775807 bytes, the most allowed are 100000000"
    )
    try place.write("model/model.safetensors", Array("GGUF".utf8))
    #expect(try dpo(model: "model").error?.hasPrefix("\(file.path): ") == true)
    try FileManager.default.removeItem(at: file)
    try expectRefused(
      "model",
      "\(path("model")): holds no weights (looked for model.safetensors, pytorch_model.bin, and their .index.json)")
  }

  @Test func weightsOfAnotherShape() throws {
    try place.copyModel()
    let config = try place.text("model/config.json")
    try place.write("model/config.json", config.replacing("\"vocab_size\": 288", with: "\"vocab_size\": 280"))
    try expectRefused(
      "model",
      "\(path("model/model.safetensors")): tensor 'model.embed_tokens.weight' has shape [288, 32], config.json asks for [280, 32]"
    )
    try place.write("model/config.json", "{")
    try expectRefused(
      "model", "\(path("model/config.json")): is not JSON: line 1, column 2: a key in quotes was expected")
  }

  @Test func aPickleThatRunsCommands() throws {
    try place.copyModel()
    try FileManager.default.removeItem(at: place.url("model/model.safetensors"))
    // A zip with a pickle that calls os.system("touch hacked").
    let archive = """
      UEsDBBQAAAAAAAAAIQDkOTzrIQAAACEAAAAQAAAAYXJjaGl2ZS9kYXRhLnBrbIACY29zCnN5c3RlbQpYDAAAAHRvdWNoIGhhY2tlZIVSLlBLAwQU\
      AAAAAAAAACEA0Z5nVQIAAAACAAAADwAAAGFyY2hpdmUvdmVyc2lvbjMKUEsBAhQDFAAAAAAAAAAhAOQ5POshAAAAIQAAABAAAAAAAAAAAAAAAIABAAAA\
      AGFyY2hpdmUvZGF0YS5wa2xQSwECFAMUAAAAAAAAACEA0Z5nVQIAAAACAAAADwAAAAAAAAAAAAAAgAFPAAAAYXJjaGl2ZS92ZXJzaW9uUEsFBgAAAAAC\
      AAIAewAAAH4AAAAAAA==
      """
    try place.write("model/pytorch_model.bin", Array(try #require(Data(base64Encoded: archive))))
    try expectRefused(
      "model",
      "\(path("model/pytorch_model.bin")): its pickle asks for 'os.system', which no tensor needs; nothing of it was run"
    )
    #expect(!FileManager.default.fileExists(atPath: place.url("hacked").path))
  }

  @Test func tokenizersThatAreMissingBrokenOrOfAnotherModel() throws {
    try place.copyModel()
    let tokenizer = try place.text("model/tokenizer.json")
    try place.write("model/tokenizer.json", "x")
    try expectRefused("model", "\(path("model/tokenizer.json")): line 1, column 1: an object was expected")
    // A token that the model has no vector for.
    let added =
      #"{"id": 288, "content": "fruit", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": false}, "#
    try place.write(
      "model/tokenizer.json",
      tokenizer.replacing("\"added_tokens\": [", with: "\"added_tokens\": [" + added, maxReplacements: 1))
    try dpo(model: "model").failed(
      1,
      "\(Workplace.pairs):1: the tokenizer writes token 288, but the model has 288; use the tokenizer that belongs to the model"
    )
    try place.run(["generate", "--model", "model", "A fruit?"]).failed(
      1, "prompt 1: token 288 is outside the model's vocabulary of 288; the tokenizer is another model's")
    for name in ["model/tokenizer.json", "run"] { try FileManager.default.removeItem(at: place.url(name)) }
    try expectRefused(
      "model",
      "\(path("model")): the folder has no tokenizer: none of tokenizer.json, tokenizer.model, tekken.json, qwen.tiktoken"
    )
  }

  @Test func templatesThatAreNoneOrBroken() throws {
    try dpo("--chat-template", "tulip").failed(
      1,
      "chat template tulip: there is no built-in template of that name (tulu, chatml, llama-3, zephyr) and no file at that path that can be read"
    )
    try place.write("broken.jinja", "{% for message in messages %}")
    try dpo("--chat-template", "broken.jinja").failed(
      1,
      "chat template broken.jinja, line 1: expected 'endfor' or 'else', which the block of line 1 lacks, got the end of the template"
    )
    try place.write("refusing.jinja", "{{ raise_exception('not\nthis') }}")
    try dpo("--chat-template", "refusing.jinja").failed(
      1, "\(Workplace.pairs):1: chat template refusing.jinja, line 1: not this")
  }

  // MARK: Data

  @Test func dataThatAreMissingOrEmpty() throws {
    try dpo(data: "nothing.jsonl").failed(1, "nothing.jsonl: no such file or folder")
    try place.write("empty.jsonl", "\n\n")
    try dpo(data: "empty.jsonl").failed(1, "empty.jsonl: no records found")
    try place.write("folder/notes.txt", "")
    try dpo(data: "folder").failed(
      1,
      "folder: has no files that are read (.parquet, .jsonl, .json or .ndjson, each also with .gz, .zst, .bz2 or .xz), only notes.txt"
    )
    for split in ["train", "test"] { try place.write("splits/\(split).jsonl", "{}\n") }
    try dpo(data: "splits").failed(1, "splits: holds several splits; name one: splits:train, splits:test")
    try dpo(data: "splits:dev").failed(1, "splits: there is no split 'dev'; there are splits:train, splits:test")
    try place.write("cut.jsonl.gz", [0x1F, 0x8B, 8, 0])
    #expect(try dpo(data: "cut.jsonl.gz").error?.hasPrefix("cut.jsonl.gz: ") == true)
  }

  @Test func aBadRecordIsNamedOrCounted() throws {
    let good = try String(contentsOfFile: Workplace.pairs, encoding: .utf8).split(separator: "\n")
    try place.write(
      "bad.jsonl", good[..<2].joined(separator: "\n") + "\n{\"prompt\": \"a\", \"chosen\": 3}\n" + good[2] + "\n{\n")
    try dpo(data: "bad.jsonl").failed(1, "bad.jsonl:3: 'chosen' must be a list of messages or a string, found a number")
    let outcome = try dpo(data: "bad.jsonl", "--skip-invalid").succeeded()
    #expect(
      outcome.errors.contains(
        "skipped 1: 'chosen' must be a list of messages or a string, found a number (bad.jsonl:3)\n"))
    #expect(outcome.errors.contains("training on: 3 of 5 records from bad.jsonl"))
    try place.run(["sft", "--model", Workplace.model, "--data", Workplace.pairs, "--output", "sft"]).failed(
      1, "\(Workplace.pairs):1: 'completion' is missing; expected a list of messages or a string")
  }

  @Test func nothingIsLeftToTrainOn() throws {
    let outcome = try dpo("--max-length", "5")
    #expect(outcome.status == 1 && outcome.error == "no record of pairs.jsonl is left to use; see the counts above")
    #expect(outcome.errors.contains("left out 30: no token of an answer is left to score (\(Workplace.pairs):1, "))
    try dpo("--eval-fraction", "0.001").failed(1, "--eval-fraction 0.001 leaves one side without a record")
  }

  @Test(
    arguments: [
      ("1e30", "the gradient is not a number in the batch that begins with PLACE; lower --learning-rate"),
      ("1e38", "the loss is not a number at PLACE; lower --learning-rate, or look at that record"),
    ]) func trainingThatLosesItsNumbers(rate: String, message: String) throws
  {
    let outcome = try dpo("--learning-rate", rate, "--no-shuffle", "--batch-size", "8")
    #expect(outcome.status == 1 && !outcome.isSignal && outcome.output.isEmpty)
    // The first step's rate is 0, the second's is not: the third finds what came of it.
    let error = "step 3: " + message.replacing("PLACE", with: "\(Workplace.pairs):17")
    #expect(outcome.error == error, "\(outcome)")
  }

  @Test func weightsThatAreNoNumbers() throws {
    try place.copyModel()
    var bytes = Array(try Data(contentsOf: place.url("model/model.safetensors")))
    for index in bytes.indices.suffix(400) { bytes[index] = 255 }
    try place.write("model/model.safetensors", bytes)
    let outcome = try dpo(model: "model")
    #expect(outcome.status == 1)
    let reason = "its weights are damaged, or its training has diverged"
    #expect(outcome.error?.hasSuffix(" is not a number: \(reason)") == true, "\(outcome)")
    for temperature in ["0", "1"] {
      try place.run(["generate", "--model", "model", "--temperature", temperature, "Hi"]).failed(
        1, "the model's logits are not numbers: \(reason)")
    }
  }

  // MARK: Folders

  @Test func outputsThatCannotBe() throws {
    try place.write("used/notes.txt", "mine")
    try dpo(output: "used").failed(1, "--output \(path("used")) is not empty; name another folder")
    try dpo(output: "used", "--resume").failed(
      1, "--resume: there is no run in \(path("used")); leave --resume out to begin one")
    try dpo(output: "used/notes.txt").failed(1, "--output \(path("used/notes.txt")) is a file; name a folder")
    try dpo(output: "used/notes.txt/run").failed(
      1, "--output \(path("used/notes.txt/run")) cannot be made: Not a directory")
    #expect(try place.names("used") == ["notes.txt"])
    try dpo(output: "new", "--resume").failed(
      1, "--resume: there is no run in \(path("new")); leave --resume out to begin one")
    try dpo().succeeded()
    try dpo().failed(1, "--output \(path("run")) is not empty; go on with that run by --resume, or name another folder")
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self")))
  func aFolderThatNobodyCanWrite() throws {
    try dpo(output: "/proc/run").failed(1, "--output /proc/run cannot be made: No such file or directory")
  }

  @Test(.enabled(if: geteuid() == 0, "mounting takes root"))
  func disksThatAreFullOrReadOnly() throws {
    try place.write("disk/.keep", "")
    try place.write("locked/.keep", "")
    for (folder, options) in [("disk", "size=1m"), ("locked", "size=1m,ro")] {
      guard mount(folder, options) else { return }
    }
    defer { for folder in ["disk", "locked"] { shell("umount '\(path(folder))'") } }
    let full = try dpo(output: "disk")
    #expect(full.status == 1 && full.error?.hasPrefix("\(path("disk")): needs 4") == true, "\(full)")
    #expect(full.error?.hasSuffix(", the disk has 1.0 MB left") == true, "\(full)")
    try dpo(output: "locked").failed(1, "--output \(path("locked")) is not writable: Read-only file system")
  }

  @Test func aMissingLibraryIsOneLine() throws {
    try place.write("empty/.keep", "")
    try dpo(environment: ["CARAVAN_LIBTORCH": path("empty")]).failed(
      1, "CARAVAN_LIBTORCH is \(path("empty")), but there is no libtorch_cpu.so in it; unset it or correct it")
    try place.write("false/libtorch_cpu.so", "not a library")
    let outcome = try dpo(environment: ["CARAVAN_LIBTORCH": path("false")])
    #expect(outcome.status == 1)
    #expect(
      outcome.error?.hasPrefix("libtorch at \(path("false"))/libtorch_cpu.so does not load: ") == true, "\(outcome)")
    // Nothing is left that a second try would stumble over.
    try dpo().succeeded()
  }

  private func mount(_ folder: String, _ options: String) -> Bool {
    shell("mount -t tmpfs -o \(options) tmpfs '\(path(folder))' 2>/dev/null") == 0
  }
}
