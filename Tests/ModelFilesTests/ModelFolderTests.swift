import Foundation
import JSON
import ModelFiles
import TestSupport
import Testing

@Suite struct ModelFolderTests {
  @Test func whatIsNoModelFolderIsSaid() throws {
    let scratch = try TemporaryFolder()
    func error() -> String { message(in: scratch) { _ = try ModelFolder(scratch.url) } }
    #expect(error() == "FOLDER: holds no config.json; it is not a model folder")
    #expect(
      message(in: scratch) { _ = try ModelFolder(scratch.url("nowhere")) } == "nowhere: there is no such folder")
    try scratch.write("file", "")
    #expect(
      message(in: scratch) { _ = try ModelFolder(scratch.url("file")) }
        == "file: is a file; name the folder that holds config.json")
    try scratch.write("config.json", "{\"model_type\":")
    #expect(
      error() == "config.json: is not JSON: line 1, column 15: the text ends where a value was expected")
    try scratch.write("config.json", "[]")
    #expect(error() == "config.json: the file is not a JSON object")
    try scratch.write("config.json", configJSON().text)
    try scratch.write("generation_config.json", #"{"top_p": 2}"#)
    #expect(error() == "generation_config.json: top_p must be a number from 0.0 to 1.0, not 2")
    try FileManager.default.removeItem(at: scratch.url("generation_config.json"))
    try FileManager.default.createDirectory(
      at: scratch.url("generation_config.json"), withIntermediateDirectories: true)
    #expect(error() == "generation_config.json: is not a file")
  }

  @Test func aPipeIsNotWaitedFor() throws {
    let scratch = try TemporaryFolder()
    #expect(mkfifo(scratch.url("config.json").path, 0o600) == 0)
    #expect(message(in: scratch) { _ = try ModelFolder(scratch.url) } == "config.json: is not a file")
  }

  @Test func generationDefaults() throws {
    let absent = try GenerationConfig(json: nil, config: config())
    #expect(absent.eosTokenIDs == [2] && absent.bosTokenID == 1 && absent.padTokenID == nil && !absent.doSample)
    #expect(absent.temperature == 1 && absent.topP == 1 && absent.topK == 50 && absent.maxLength == nil)
    let given = try GenerationConfig(
      json: [
        "eos_token_id": [5, 6], "bos_token_id": .null, "pad_token_id": 0, "do_sample": true, "temperature": 0.6,
        "top_p": 0.9, "top_k": 0, "max_length": 4096, "max_new_tokens": 7,
      ], config: config())
    #expect(given.eosTokenIDs == [5, 6] && given.bosTokenID == 1 && given.padTokenID == 0 && given.doSample)
    #expect(given.temperature == 0.6 && given.topP == 0.9 && given.topK == nil)
    #expect(given.maxLength == 4096 && given.maxNewTokens == 7)
  }

  @Test func aFolderWithoutWeights() throws {
    let scratch = try TemporaryFolder()
    try scratch.write("config.json", configJSON().text)
    #expect(
      message(in: scratch) { _ = try ModelFolder(scratch.url).openWeights() }
        == "FOLDER: holds no weights (looked for model.safetensors, pytorch_model.bin, and their .index.json)")
  }

  @Test func weightsMustBeThoseOfTheConfig() throws {
    let scratch = try TemporaryFolder()
    func error(_ config: LlamaConfig, _ change: (inout [OutputTensor]) -> Void) throws -> String {
      var tensors = weights(of: config)
      change(&tensors)
      try ModelFolderWriter(config: config).write(tensors, to: scratch.url)
      return message(in: scratch) { _ = try ModelFolder(scratch.url).openWeights() }
    }
    let untied = try config()
    let tied = try config(["tie_word_embeddings": true])
    let head = "lm_head.weight"
    #expect(try error(untied) { _ in } == "no error")
    #expect(try error(untied) { $0.removeLast() } == "FOLDER: lacks tensor 'lm_head.weight'")
    #expect(try error(untied) { $0.removeFirst(3) } == "FOLDER: lacks tensor 'model.embed_tokens.weight' and 2 more")
    #expect(
      try error(untied) { $0[0] = output($0[0].name, [1, 2], shape: [1, 2]) }
        == "model.safetensors: tensor 'model.embed_tokens.weight' has shape [1, 2], config.json asks for [6, 4]")
    #expect(
      try error(untied) { $0 += [output("x", [1]), output("y", [1])] }
        == "FOLDER: holds tensor 'x' and 1 more, which a llama model of its config.json does not have")
    #expect(try error(untied) { $0.append(output("model.layers.0.self_attn.rotary_emb.inv_freq", [1])) } == "no error")
    #expect(try error(tied) { _ in } == "no error")
    let floats = [Float](repeating: 0, count: 24)
    #expect(try error(tied) { $0.append(output(head, floats, shape: [6, 4])) } == "no error")
    #expect(
      try error(tied) { $0.append(output(head, floats, shape: [4, 6])) }
        == "model.safetensors: tensor 'lm_head.weight' has shape [4, 6], config.json asks for [6, 4]")
  }

  @Test(arguments: [
    (#"{}"#, "model.safetensors.index.json: weight_map is missing"),
    (#"{"weight_map": {}}"#, "model.safetensors.index.json: weight_map names no tensor"),
    (#"{"weight_map": {"a": 3}}"#, "model.safetensors.index.json: weight_map 'a' is a number, no file name"),
    (
      #"{"weight_map": {"a": "../x"}}"#,
      "model.safetensors.index.json: weight_map 'a' names '../x', which is not a file of the folder"
    ),
    (
      #"{"weight_map": {"a": "/etc/passwd"}}"#,
      "model.safetensors.index.json: weight_map 'a' names '/etc/passwd', which is not a file of the folder"
    ),
    (
      #"{"weight_map": {"a": ".."}}"#,
      "model.safetensors.index.json: weight_map 'a' names '..', which is not a file of the folder"
    ),
    (
      // A slash that a combining accent hides from whoever compares characters.
      #"{"weight_map": {"a": "../\u0301x"}}"#,
      "model.safetensors.index.json: weight_map 'a' names '../\u{301}x', which is not a file of the folder"
    ),
    (
      #"{"weight_map": {"a": "two"}}"#, "two: is missing, and the index 'model.safetensors.index.json' names it"
    ),
    (#"{"weight_map": {"a": "one", "b": "one"}}"#, "one: lacks tensor 'b', which the index places there"),
    (#"{"weight_map": {"b": "one"}}"#, "one: holds tensor 'a', which the index does not place there"),
    (#"{"weight_map": {"a": "one"}}"#, "no error"),
  ])
  func indexes(index: String, expected: String) throws {
    let scratch = try TemporaryFolder()
    try scratch.write("model.safetensors.index.json", index)
    try scratch.write("one", safetensors(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, data: 1))
    #expect(message(in: scratch) { _ = try WeightFiles(folder: scratch.url) } == expected)
  }

  @Test func theFirstFormatInTransformersOrderIsTaken() throws {
    let scratch = try TemporaryFolder()
    try scratch.write("pytorch_model.bin", bytes(fixtures.appendingPathComponent("protocol2.bin")))
    #expect(try WeightFiles(folder: scratch.url).tensors.count > 1)
    try scratch.write(
      "model.safetensors", safetensors(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, data: 1))
    #expect(try WeightFiles(folder: scratch.url).names == ["a"])
  }
}
