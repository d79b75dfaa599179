import Foundation
import JSON
import ModelFiles
import TestSupport
import Testing

/// Folders of adapters, whole and spoiled.
@Suite struct AdapterTests {
  private let scratch: TemporaryFolder
  private let names = ["q_proj", "down_proj"]

  init() throws {
    scratch = try TemporaryFolder()
    try ModelFolderWriter(config: config()).write(weights(of: config()), to: scratch.url("base"))
    try write()
  }

  /// Writes an adapter of rank 2 to the base, with changes.
  private func write(
    base: String? = "../base", _ changes: TextKeyed<JSON> = [:], number: Float = 0.5,
    _ change: (inout [OutputTensor]) -> Void = { _ in }
  ) throws {
    let adapter = AdapterConfig(base: base, rank: 2, alpha: 4, targets: names)
    var tensors = try config().architecture.adaptable.filter {
      names.contains(String($0.module.split(separator: ".")[4]))
    }
    .flatMap { weight in
      let factors = weight.factors(rank: 2)
      return [factors.a, factors.b].map {
        output($0.name, [Float](repeating: number, count: $0.count), shape: $0.shape)
      }
    }
    change(&tensors)
    var writer = try ModelFolderWriter(config: config())
    writer.adapter = adapter
    try writer.write(tensors, to: scratch.url("adapter"))
    let url = scratch.url("adapter/adapter_config.json")
    var members = try #require(json(url).object)
    members.merge(changes) { $1 }
    try Data(JSON.object(members).text.utf8).write(to: url)
  }

  private func error() -> String {
    message(in: scratch) {
      let folder = try ModelFolder(scratch.url("adapter"))
      for factors in try folder.adapter?.factors(for: folder.config) ?? [] { _ = try factors.floats() }
    }
  }

  @Test func anAdapterStandsForItsBaseWithIt() throws {
    let folder = try ModelFolder(scratch.url("adapter"))
    let adapter = try #require(folder.adapter)
    #expect(folder.config.hiddenSize == 4 && adapter.config.rank == 2)
    let factors = try adapter.factors(for: folder.config)
    #expect(factors.map(\.weight.module) == ["model.layers.0.self_attn.q_proj", "model.layers.0.mlp.down_proj"])
    #expect(factors.allSatisfy { $0.scale == 2 && $0.rank == 2 })
    #expect(!FileManager.default.fileExists(atPath: scratch.path("adapter/config.json")))
    let named = try ModelFolder(scratch.url("base"), adapter: scratch.url("adapter"))
    #expect(try named.fingerprint() == folder.fingerprint())
  }

  /// What a reference's scores are kept by: base and adapter both.
  @Test func theFingerprintIsOfBaseAndAdapter() throws {
    let base = try ModelFolder(scratch.url("base")).fingerprint()
    let first = try ModelFolder(scratch.url("adapter")).fingerprint()
    try write(number: 0.25)
    let second = try ModelFolder(scratch.url("adapter")).fingerprint()
    try write(["lora_alpha": 8], number: 0.25)
    #expect(Set([base, first, second, try ModelFolder(scratch.url("adapter")).fingerprint()]).count == 4)
  }

  /// PEFT's rules: the first pattern that matches, and the root of the rank where it stabilizes.
  @Test func ranksAndScalesHavePatterns() throws {
    func scales(_ changes: TextKeyed<JSON>) throws -> [Double] {
      try write(changes)
      let folder = try ModelFolder(scratch.url("adapter"))
      return try #require(folder.adapter).factors(for: folder.config).map(\.scale)
    }
    #expect(try scales(["alpha_pattern": ["layers.0.self_attn.q_proj": 6]]) == [3, 2])
    #expect(try scales(["alpha_pattern": ["proj": 6]]) == [2, 2])
    #expect(try scales(["alpha_pattern": ["^model.layers.0.mlp.down_proj": 1]]) == [2, 0.5])
    #expect(try scales(["use_rslora": true]) == [4 / 2.0.squareRoot(), 4 / 2.0.squareRoot()])
    #expect(try scales(["r": 7, "rank_pattern": ["q_proj": 2, "down_proj": 2]]) == [2, 2])
  }

  @Test(
    arguments: [
      (["peft_type": "IA3"], "adapter/adapter_config.json: is a IA3 adapter; only LoRA's are known"),
      (
        ["use_dora": true],
        "adapter/adapter_config.json: is a DoRA adapter; merge it into its base with PEFT's merge_and_unload"
      ),
      (["bias": "all"], "adapter/adapter_config.json: bias must be none, not \"all\""),
      (["r": 0], "adapter/adapter_config.json: r must be a whole number from 1 to 65536, not 0"),
      (
        ["lora_alpha": "x"],
        "adapter/adapter_config.json: lora_alpha must be a number from -1000000000.0 to 1000000000.0, not \"x\""
      ),
      (
        ["rank_pattern": ["(a+)+": 3]],
        "adapter/adapter_config.json: rank_pattern has the expression '(a+)+'; only names of modules, and ends of them, are known"
      ),
      (
        ["rank_pattern": ["q_proj": 2.5]],
        "adapter/adapter_config.json: rank_pattern.q_proj must be a whole number, not 2.5"
      ),
      (
        ["modules_to_save": ["lm_head"]],
        "adapter/adapter_config.json: modules_to_save names 'lm_head', and only a score is known; merge the adapter into its base with PEFT's merge_and_unload"
      ),
      (
        ["init_lora_weights": "pissa"],
        "adapter/adapter_config.json: init_lora_weights is pissa, by which the base changes too; save it as a plain adapter with PEFT"
      ),
      (
        ["base_model_name_or_path": .null],
        "adapter: is a LoRA adapter that does not say of which base; name the base as the model, and this folder as its adapter"
      ),
      (
        ["base_model_name_or_path": "meta-llama/Llama-2-7b"],
        "adapter: is a LoRA adapter of 'meta-llama/Llama-2-7b', which is not here; name the base as the model, and this folder as its adapter"
      ),
      (
        ["target_modules": ["q_proj", "down_proj", "o_proj"]],
        "adapter/adapter_model.safetensors: lacks a factor of 'model.layers.0.self_attn.o_proj.weight', which adapter_config.json says is adapted"
      ),
      (
        ["r": 3],
        "adapter/adapter_model.safetensors: tensor 'base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight' has shape [2, 4], its base and adapter_config.json ask for [3, 4]; it is of another base or rank"
      ),
    ] as [(TextKeyed<JSON>, String)])
  func anotherConfigurationIsRefused(changes: TextKeyed<JSON>, expected: String) throws {
    try write(changes)
    #expect(error() == expected)
  }

  @Test func otherTensorsAreRefused() throws {
    let (prefix, file) = ("base_model.model.model.layers.0.self_attn", "adapter/adapter_model.safetensors")
    try write { $0.removeFirst() }
    #expect(
      error()
        == "\(file): lacks a factor of 'model.layers.0.self_attn.q_proj.weight', which adapter_config.json says is adapted"
    )
    try write { $0.append(output(prefix + ".q_proj.lora_magnitude_vector", [1])) }
    #expect(
      error()
        == "\(file): holds tensor '\(prefix).q_proj.lora_magnitude_vector', which adapts none of the base's seven matrices a layer; merge it into its base with PEFT's merge_and_unload"
    )
    try write(number: .nan)
    #expect(
      error() == "\(file): tensor '\(prefix).q_proj.lora_A.weight' holds numbers that are not finite; it is damaged")
    try scratch.write(file, "x")
    #expect(error().hasPrefix("\(file): is truncated"))
    try FileManager.default.removeItem(at: scratch.url(file))
    #expect(error() == "adapter: holds no adapter_model.safetensors; it is no whole LoRA adapter")
    try scratch.write("adapter/adapter_model.bin", "x")
    #expect(error() == "adapter: holds its adapter in adapter_model.bin, a pickle; save it as safetensors with PEFT")
  }

  /// A path that leads back to the adapter itself must not be followed for ever.
  @Test func anAdapterOfItselfIsRefused() throws {
    try write(base: "../adapter")
    #expect(error() == "adapter/../adapter: is an adapter itself; name the model that it belongs to, or its adapter")
  }

  @Test func theBaseLendsItsTokenizer() throws {
    #expect(try ModelFolder.tokenizerFolder(scratch.url("adapter")).lastPathComponent == "base")
    try scratch.write("adapter/tokenizer.json", "{}")
    #expect(try ModelFolder.tokenizerFolder(scratch.url("adapter")).lastPathComponent == "adapter")
  }
}
