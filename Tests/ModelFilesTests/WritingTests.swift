import Foundation
import JSON
import ModelFiles
import TestSupport
import Testing

@Suite struct WritingTests {
  @Test(arguments: [ElementType.float32, .bfloat16, .float16])
  func whatIsWrittenIsRead(type: ElementType) throws {
    let scratch = try TemporaryFolder()
    let config = try config()
    try ModelFolderWriter(config: config).write(weights(of: config, as: type), to: scratch.url)
    #expect(try scratch.names() == ["config.json", "model.safetensors"])
    let folder = try ModelFolder(scratch.url)
    #expect(folder.config.elementType == type)
    let read = try folder.openWeights()
    for (number, parameter) in config.architecture.tensors.enumerated() {
      let tensor = try read.tensor(parameter.name)
      #expect(tensor.elementType == type)
      #expect(try tensor.floats().allSatisfy { $0 == Float(number) })
    }
    let header = try SafetensorsFile(scratch.url("model.safetensors"))
    #expect(header.metadata == ["format": "pt"])
  }

  @Test func whatIsReadIsWrittenAsAnotherType() throws {
    let scratch = try TemporaryFolder()
    let config = try config()
    try ModelFolderWriter(config: config).write(weights(of: config), to: scratch.url("wide"))
    let wide = try ModelFolder(scratch.url("wide")).openWeights()
    var counted = 0
    let tensors = try config.architecture.tensors.map { parameter in
      try OutputTensor(wide.tensor(parameter.name), as: .bfloat16) { counted += $0 }
    }
    try ModelFolderWriter(config: config).write(tensors, to: scratch.url("narrow"))
    let narrow = try ModelFolder(scratch.url("narrow")).openWeights()
    for parameter in config.architecture.tensors {
      #expect(try narrow.tensor(parameter.name).elementType == .bfloat16)
      #expect(try narrow.tensor(parameter.name).floats() == wide.tensor(parameter.name).floats())
    }
    #expect(counted == config.architecture.parameterCount)
  }

  @Test(arguments: [1, 2, 3]) func numbersMayComeInParts(parts: Int) throws {
    let scratch = try TemporaryFolder()
    let tensor = OutputTensor(name: "parts", elementType: .float32, shape: [2, 2]) { body in
      for part in 0..<parts { try [Float(part), 7].withUnsafeBufferPointer(body) }
    }
    let told = message(in: scratch) {
      try ModelFolderWriter(config: config()).write([tensor], to: scratch.url)
    }
    if parts == 2 {
      #expect(told == "no error")
      #expect(try SafetensorsFile(scratch.url("model.safetensors")).tensors.first?.floats() == [0, 7, 1, 7])
    } else {
      #expect(told == "model.safetensors: tensor 'parts' of shape [2, 2] was given \(2 * parts) numbers")
      #expect(try scratch.names().isEmpty)
    }
  }

  @Test func dataAreAligned() throws {
    let scratch = try TemporaryFolder()
    let tensors = [output("half", [1, 2, 3], as: .bfloat16), output("whole", [4, 5])]
    try ModelFolderWriter(config: config()).write(tensors, to: scratch.url)
    let file = try bytes(scratch.url("model.safetensors"))
    let length = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    #expect(length % 8 == 0)
    let tensorsRead = try SafetensorsFile(scratch.url("model.safetensors")).tensors
    #expect(tensorsRead.map(\.name) == ["whole", "half"])
    #expect(file.count == 8 + length + 8 + 6)
  }

  @Test func unknownKeysOfTheConfigAreCarriedOver() throws {
    let scratch = try TemporaryFolder()
    let source = try config(["torch_dtype": "float32", "x-custom": ["kept": [1, 2.5, .null]], "rms_norm_eps": 1e-5])
    var writer = ModelFolderWriter(config: source, generationConfig: ["top_p": 0.9, "unknown": "kept"])
    writer.architecture = "LlamaForSequenceClassification"
    try writer.write(weights(of: source, as: .bfloat16), to: scratch.url)
    var expected = source.json.object ?? [:]
    expected["torch_dtype"] = "bfloat16"
    expected["architectures"] = ["LlamaForSequenceClassification"]
    #expect(try json(scratch.url("config.json")) == .object(expected))
    #expect(try json(scratch.url("generation_config.json")) == ["top_p": 0.9, "unknown": "kept"])
  }

  @Test func tokenizerAndLicenceAreCarriedOverByteForByte() throws {
    let source = try TemporaryFolder()
    let target = try TemporaryFolder()
    try source.write("config.json", configJSON().text)
    let carried = ["LICENSE.txt", "chat_template.jinja", "merges.txt", "tokenizer.json", "tokenizer_config.json"]
    for (number, name) in carried.enumerated() { try source.write(name, [0xFF, 0, UInt8(number), 0x0D, 0x0A]) }
    try source.write("training_args.bin", "not carried")
    var writer = try ModelFolderWriter(carryingOver: ModelFolder(source.url))
    writer.files["README.md"] = Array("card".utf8)
    try writer.write(weights(of: writer.config), to: target.url("new/folder"))
    for name in carried {
      #expect(try bytes(target.url("new/folder/\(name)")) == bytes(source.url(name)))
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: target.url("new/folder").path).sorted()
        == (carried + ["README.md", "config.json", "model.safetensors"]).sorted())
  }

  @Test func whatLinksPointToElsewhereIsNotCarriedOver() throws {
    let source = try TemporaryFolder()
    let outside = try TemporaryFolder()
    try source.write("config.json", configJSON().text)
    let secret = try outside.write("key", "secret")
    try FileManager.default.createSymbolicLink(at: source.url("LICENSE"), withDestinationURL: secret)
    let folder = try ModelFolder(source.url)
    #expect(throws: ModelFileError.self) { try ModelFolderWriter(carryingOver: folder) }
    // As the hub's cache has it: links into the blobs of the repository.
    for name in ["blobs", "snapshots/c"] {
      try FileManager.default.createDirectory(at: outside.url("repository/\(name)"), withIntermediateDirectories: true)
    }
    try outside.write("repository/blobs/a1", "licence")
    try outside.write("repository/snapshots/c/config.json", configJSON().text)
    let snapshot = outside.url("repository/snapshots/c")
    try FileManager.default.createSymbolicLink(
      atPath: snapshot.appendingPathComponent("LICENSE").path, withDestinationPath: "../../blobs/a1")
    let writer = try ModelFolderWriter(carryingOver: ModelFolder(snapshot))
    #expect(writer.files["LICENSE"] == Array("licence".utf8))
  }

  @Test func largeWeightsAreShardedAndOldFilesRemoved() throws {
    let scratch = try TemporaryFolder()
    let config = try config()
    func write(_ shardBytes: Int) throws -> [String] {
      var writer = ModelFolderWriter(config: config)
      writer.shardBytes = shardBytes
      try writer.write(weights(of: config), to: scratch.url)
      let read = try ModelFolder(scratch.url).openWeights()
      for (number, parameter) in config.architecture.tensors.enumerated() {
        #expect(try read.tensor(parameter.name).floats().allSatisfy { $0 == Float(number) })
      }
      return try scratch.names().filter { $0 != "config.json" }
    }
    let index = "model.safetensors.index.json"
    let four = (1...4).map { "model-0000\($0)-of-00004.safetensors" }
    #expect(try write(200) == four + [index])
    let total = config.architecture.parameterCount
    #expect(
      try json(scratch.url(index))["metadata"] == [
        "total_parameters": .integer(total), "total_size": .integer(4 * total),
      ]
    )
    #expect(try write(1_000_000) == ["model.safetensors"])
    #expect(try write(400) == ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", index])
    #expect(try write(200) == four + [index])
    #expect(try write(200) == four + [index])
    // A tensor larger than a shard has one of its own.
    #expect(try write(1).count == config.architecture.tensors.count + 1)
  }

  @Test func filesThatAreNotOursStay() throws {
    let scratch = try TemporaryFolder()
    for name in ["pytorch_model.bin", "model-final.safetensors", "notes.txt"] { try scratch.write(name, "mine") }
    try ModelFolderWriter(config: config()).write([output("a", [1])], to: scratch.url)
    #expect(
      try scratch.names() == [
        "config.json", "model-final.safetensors", "model.safetensors", "notes.txt", "pytorch_model.bin",
      ])
  }

  @Test func aFailureLeavesTheOldModelUntouched() throws {
    let scratch = try TemporaryFolder()
    let config = try config()
    try ModelFolderWriter(config: config).write(weights(of: config), to: scratch.url)
    let before = try scratch.names().map { try bytes(scratch.url($0)) }

    struct Lost: Error {}
    var tensors = weights(of: config)
    tensors.append(OutputTensor(name: "last", elementType: .float32, shape: [1]) { _ in throw Lost() })
    #expect(throws: Lost.self) { try ModelFolderWriter(config: config).write(tensors, to: scratch.url) }
    #expect(try scratch.names() == ["config.json", "model.safetensors"])
    #expect(try scratch.names().map { try bytes(scratch.url($0)) } == before)
  }

  @Test func whatCannotBeWritten() throws {
    let table: [([OutputTensor], String)] = [
      ([output("a", [1, 2], shape: [3])], "model.safetensors: tensor 'a' of shape [3] was given 2 numbers"),
      ([output("a", [1]), output("a", [1])], "model.safetensors: tensor 'a' would be written twice"),
      ([output("a", [1], as: .int8)], "FOLDER: tensor 'a' cannot be written as int8"),
      ([output("a", [1], shape: [-1])], "FOLDER: tensor 'a' cannot be written with shape [-1]"),
      (
        [output("a", [1], shape: [.max, 2])], "FOLDER: tensor 'a' cannot be written with shape [9223372036854775807, 2]"
      ),
      (
        [output("a", [1, 70_000], as: .float16)],
        "model.safetensors: tensor 'a' holds 70000.0, which float16 cannot; write bfloat16 or float32"
      ),
    ]
    let config = try config()
    for (tensors, expected) in table {
      let scratch = try TemporaryFolder()
      let text = message(in: scratch) { try ModelFolderWriter(config: config).write(tensors, to: scratch.url) }
      #expect(text == expected)
      #expect(try scratch.names() == [])
    }
  }

  @Test func anOutputThatIsAFile() throws {
    let scratch = try TemporaryFolder()
    try scratch.write("out", "")
    let config = try config()
    let text = message(in: scratch) { try ModelFolderWriter(config: config).write([], to: scratch.url("out")) }
    #expect(text.hasPrefix("out: the folder cannot be created: "))
  }

  /// Writes folders for `Scripts/check_written_folder.py`, which loads them with transformers.
  @Test(.enabled(if: Checkout.hasStories && writtenFolder != nil, "CARAVAN_WRITTEN_FOLDER names no folder to write to"))
  func foldersForTransformers() throws {
    let target = URL(fileURLWithPath: try #require(writtenFolder))
    let source = try ModelFolder(Checkout.stories)
    let weights = try source.openWeights()
    for (name, type, shardBytes) in [
      ("float32", ElementType.float32, 5_000_000_000), ("float32-sharded", .float32, 300_000),
      ("bfloat16", .bfloat16, 5_000_000_000), ("float16-sharded", .float16, 100_000),
    ] {
      let tensors = try source.config.architecture.tensors.map { parameter in
        output(parameter.name, try weights.tensor(parameter.name).floats(), shape: parameter.shape, as: type)
      }
      var writer = try ModelFolderWriter(carryingOver: source)
      writer.shardBytes = shardBytes
      try writer.write(tensors, to: target.appendingPathComponent(name))
    }
  }
}

private let writtenFolder = ProcessInfo.processInfo.environment["CARAVAN_WRITTEN_FOLDER"]
