import Foundation
import GGUF
import JSON
import ModelFiles
import TestSupport

/// A folder with a model of a few numbers, gone when the test is over.
final class TinyModel {
  private let folder: TemporaryFolder
  var url: URL { folder.url("model") }

  /// - Parameters:
  ///   - changes: of the configuration: two layers, hidden size 64, two heads of 32 over one key head, vocabulary 16.
  ///   - tokenizer: the text of tokenizer.json.
  ///   - number: the number at a place of a tensor.
  init(
    _ changes: TextKeyed<JSON> = [:], tokenizer: String = TinyModel.bytes, settings: JSON = [:],
    as type: ElementType = .float32, number: @escaping (_ name: String, _ place: Int) -> Float = TinyModel.number
  ) throws {
    folder = try TemporaryFolder()
    var json: JSON = [
      "model_type": "llama", "vocab_size": 16, "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
      "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 32, "max_position_embeddings": 128,
      "rms_norm_eps": 1e-5, "tie_word_embeddings": true, "bos_token_id": 0, "eos_token_id": 1,
    ]
    if case .object(var members) = json {
      members.merge(changes) { $1 }
      json = .object(members)
    }
    let config = try LlamaConfig(json: json)
    var writer = ModelFolderWriter(config: config)
    writer.files["tokenizer.json"] = Array(tokenizer.utf8)
    writer.files["tokenizer_config.json"] = Array(settings.text.utf8)
    try writer.write(
      config.architecture.tensors.map { tensor in
        OutputTensor(name: tensor.name, elementType: type, shape: tensor.shape) { body in
          try (0..<tensor.count).map { number(tensor.name, $0) }.withUnsafeBufferPointer(body)
        }
      }, to: url)
  }

  /// Numbers that are small, exact in bfloat16, and tell a row from the next.
  static func number(_ name: String, _ place: Int) -> Float { Float(place / 64 % 128) }

  /// A byte-level tokenizer: GPT-2's split, two merges, a control token and a user's.
  static let bytes = #"""
    {"model": {"type": "BPE", "vocab": {"<s>": 0, "</s>": 1, "a": 2, "b": 3, "Ġ": 4, "ab": 5, "Ġab": 6, "?": 7},
     "merges": ["a b", "Ġ ab"]},
     "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false},
     "decoder": {"type": "ByteLevel"},
     "added_tokens": [{"id": 0, "content": "<s>", "special": true}, {"id": 1, "content": "</s>", "special": true},
      {"id": 9, "content": "▁x y", "special": false}]}
    """#

  /// A tokenizer as SentencePiece makes them, without bytes but one.
  static func characters(merges: String = #"["▁ a", "▁a b", "▁ ab", "a b"]"#) -> String {
    #"""
    {"model": {"type": "BPE", "byte_fallback": true, "unk_token": "<unk>", "fuse_unk": true,
      "vocab": {"<unk>": 0, "<s>": 1, "</s>": 2, "<0x0A>": 3, "▁": 4, "a": 5, "b": 6, "▁a": 7, "▁ab": 8, "ab": 9},
      "merges": \#(merges)},
     "normalizer": {"type": "Sequence", "normalizers": [
      {"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
     "decoder": {"type": "ByteFallback"},
     "added_tokens": [{"id": 0, "content": "<unk>", "special": true}, {"id": 1, "content": "<s>", "special": true},
      {"id": 2, "content": "</s>", "special": true}]}
    """#
  }

  /// Exports the model and reads the file.
  func export(
    as type: GGUFTensorType, rounding: WeightRounding = .dithered
  ) throws -> (file: ReadFile, notes: [String]) {
    let model = try GGUFModel(ModelFolder(url), name: "tiny", as: type, rounding: rounding)
    let path = url.appending(path: "tiny.gguf").path
    var written = 0
    try model.write(to: path) { written += $0 }
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    precondition(size == model.byteCount && written == model.byteCount)
    return (try ReadFile(URL(filePath: path)), model.notes)
  }
}
