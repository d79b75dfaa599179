import Foundation
import JSON
import ModelFiles
import TestSupport
import Testing
import Text

@testable import GGUF

/// GGUF files as models.
@Suite struct ReadingTests {
  private let place: TemporaryFolder
  init() throws { place = try TemporaryFolder() }

  private static func fixture(_ name: String) -> URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Fixtures").appending(path: name)
  }

  /// Numbers of Scripts/fixtures/gguf_blocks.py, to the bit.
  @Test func blocksAreWhatTheirPackageMakesOfThem() throws {
    let stored = try GGUFContents(path: Self.fixture("blocks.gguf").path).tensors
    let expected = try SafetensorsFile(Self.fixture("blocks.safetensors")).tensors
    #expect(stored.count == 12 && stored.count == expected.count)
    for tensor in expected {
      let own = try #require(stored.first { $0.name == tensor.name })
      #expect(own.shape == tensor.shape)
      #expect(try own.floats().map(\.bitPattern) == tensor.floats().map(\.bitPattern), "\(tensor.name)")
    }
  }

  /// Exports a model, and opens the file as one.
  private func reading(
    _ model: TinyModel, as type: GGUFTensorType, rounding: WeightRounding = .dithered
  ) throws -> ModelFolder {
    _ = try model.export(as: type, rounding: rounding)
    let folder = place.url("read-\(type)")
    try GGUFFolder.write(GGUFContents(path: model.url.appending(path: "tiny.gguf").path), to: folder)
    return try ModelFolder(folder)
  }

  @Test(arguments: ["llama", "qwen2", "qwen3"], [GGUFTensorType.float32, .float16, .bfloat16])
  func whatWasExportedIsReadAgain(model type: String, as stored: GGUFTensorType) throws {
    let model = try TinyModel(
      ["model_type": .string(type), "tie_word_embeddings": false, "rope_theta": 500_000],
      settings: ["bos_token": "<s>", "eos_token": "</s>", "chat_template": "{{ messages[0].content }}"])
    let original = try ModelFolder(model.url)
    let folder = try reading(model, as: stored)
    #expect(folder.config.computation == original.config.computation)
    #expect(folder.generationConfig.eosTokenIDs == [1])
    let (weights, expected) = try (folder.openWeights(), original.openWeights())
    #expect(weights.names == expected.names)
    for name in expected.names {
      #expect(try weights.tensor(name).floats() == expected.tensor(name).floats(), "\(name)")
    }
    let (tokenizer, own) = try (Tokenizer(folder: folder.url), Tokenizer(folder: original.url))
    #expect(tokenizer.chatTemplate == own.chatTemplate && tokenizer.bosToken == "<s>" && tokenizer.eosToken == "</s>")
    for text in ["ab ab a b?", "<s>ab</s> ab", "  ab"] { #expect(tokenizer.encode(text) == own.encode(text)) }
  }

  /// Rows of queries and keys stand elsewhere in the file than in the model, whose places decide.
  @Test(arguments: WeightRounding.allCases) func bfloat16IsRoundedAsIsAsked(rounding: WeightRounding) throws {
    let model = try TinyModel(number: { _, place in 1 + Float(place) / 65536 })
    let config = try ModelFolder(model.url).config
    let (weights, original) = try (
      reading(model, as: .bfloat16, rounding: rounding).openWeights(), ModelFolder(model.url).openWeights()
    )
    let places = config.architecture.places
    for tensor in config.architecture.tensors {
      var expected = try original.tensor(tensor.name).floats()
      let place = try #require(places[tensor.name])
      if tensor.shape.count > 1 {
        if rounding == .dithered {
          expected.withUnsafeMutableBufferPointer { WeightRounding.dither($0, from: place) }
        }
        // Half a step up, and then down to a step; a tie would go to the even one.
        else {
          expected = expected.map { Float(bitPattern: ($0.bitPattern + 0x7FFF + $0.bitPattern >> 16 & 1) & ~0xFFFF) }
        }
      }
      #expect(try weights.tensor(tensor.name).floats() == expected, "\(tensor.name)")
    }
  }

  @Test func piecesOfCharactersAreReadAgain() throws {
    let model = try TinyModel(tokenizer: TinyModel.characters(), settings: ["bos_token": "<s>", "eos_token": "</s>"])
    let folder = try reading(model, as: .float16)
    let (tokenizer, own) = try (Tokenizer(folder: folder.url), Tokenizer(folder: model.url))
    for text in ["ab ab a b", "a\nb", " ab"] { #expect(tokenizer.encode(text) == own.encode(text), "\(text)") }
  }

  @Test(arguments: [8, 32]) func theScalingOfLlama3IsFoundByWhatItComesTo(factor: Double) throws {
    let scaling: JSON = [
      "rope_type": "llama3", "factor": .number(factor), "low_freq_factor": 1, "high_freq_factor": 4,
      "original_max_position_embeddings": 8192,
    ]
    let model = try TinyModel(["rope_scaling": scaling, "rope_theta": 500_000])
    #expect(try reading(model, as: .float16).config.ropeScaling == ModelFolder(model.url).config.ropeScaling)
  }

  @Test func otherScalingsAreRefused() throws {
    let scaling: JSON = [
      "rope_type": "llama3", "factor": 4, "low_freq_factor": 1, "high_freq_factor": 4,
      "original_max_position_embeddings": 8192,
    ]
    let error = #expect(throws: ModelFileError.self) {
      try reading(TinyModel(["rope_scaling": scaling]), as: .float16)
    }
    #expect(error?.reason == "scales rotary frequencies otherwise than Llama 3.1 and 3.2, which is not supported")
  }

  @Test(arguments: [
    ("GGUF\u{3}", "GGUF\u{1}", "is GGUF of version 1, which is not read (2 and 3 are)"),
    ("GGUF", "GGML", "is no GGUF file"),
    (
      "llama", "bertx",
      "holds a model of architecture 'bertx', which is not supported (supported: llama, qwen2, qwen3, "
        + "smollm3, granite, olmo2, phi3, gemma2, gemma3)"
    ),
    ("gpt-2", "other", "its tokenizer splits text as 'other' does, which is not supported"),
    (
      "tokenizer.ggml.pre", "tokenizer.ggml.pro",
      "does not say how its tokenizer splits text (tokenizer.ggml.pre); use a file that was converted more lately"
    ),
    (
      "blk.1.attn_q.weight", "blk.1.attn_x.weight",
      "holds a tensor 'blk.1.attn_x.weight', which no model that is read has"
    ),
  ])
  func whatIsNotReadIsNamed(text: String, instead: String, reason: String) throws {
    let model = try TinyModel()
    _ = try model.export(as: .float16)
    var bytes = try Array(Data(contentsOf: model.url.appending(path: "tiny.gguf")))
    let (old, new) = (Array(text.utf8), Array(instead.utf8))
    for start in bytes.indices.dropLast(old.count) where bytes[start..<start + old.count].elementsEqual(old) {
      bytes.replaceSubrange(start..<start + old.count, with: new)
    }
    try place.write("changed.gguf", bytes)
    let error = #expect(throws: ModelFileError.self) {
      let folder = place.url("changed")
      try GGUFFolder.write(GGUFContents(path: place.url("changed.gguf").path), to: folder)
      _ = try ModelFolder(folder).openWeights()
    }
    #expect(error?.reason == reason)
  }

  @Test func everyTruncationIsRefused() throws {
    let bytes = try Array(Data(contentsOf: Self.fixture("blocks.gguf")))
    // Behind the last tensor there are only zeros.
    for count in stride(from: 0, to: 3588, by: 7) {
      try place.write("cut.gguf", Array(bytes[..<count]))
      #expect(throws: ModelFileError.self) { _ = try GGUFContents(path: place.url("cut.gguf").path) }
    }
  }
}
