import Datasets
import Foundation
import SentencePieceModel

extension FuzzedReader {
  /// Files that are read without an error.
  func seeds() throws -> [[UInt8]] {
    switch self {
    case .json: [Self.bytes(#"{"a\u00e9\n": [1, -2.5e3, true, null, NaN, "\ud83d\udc2a"], "e\u0301": {"b": {}}}"#)]
    case .lines, .list: [Self.bytes(self == .list ? "[\(Self.oneRecord),\n\(Self.oneRecord)]" : Self.threeRecords)]
    case .gzip: [try Self.packed(Self.bytes(Self.threeRecords))]
    case .parquet:
      try Self.fixtures("ParquetTests/Fixtures", ".parquet") + Self.fixtures("DatasetsTests/Fixtures", ".parquet")
    case .safetensors: try Self.fixtures("ModelFilesTests/Fixtures", ".safetensors")
    case .pickle:
      try Self.fixtures("ModelFilesTests/Fixtures", "2.bin") + Self.fixtures("ModelFilesTests/Fixtures", "4.bin")
    case .gguf: try Self.fixtures("GGUFTests/Fixtures", ".gguf")
    case .tokenizer: [Self.bytes(Self.tokenizerFile)]
    case .sentencePiece: [try Self.sentencePiece()]
    case .tekken:
      try Self.fixtures("TextTests/Tokenizers/Fixtures/ranked", ".json").filter { $0.starts(with: "{\"config".utf8) }
    case .tiktoken: try Self.fixtures("TextTests/Tokenizers/Fixtures/ranked", ".tiktoken")
    case .template: Self.templates.map(Self.bytes)
    case .config: [Self.bytes(Self.configFile)]
    case .options: [Self.bytes("data: [a.jsonl, 'b.jsonl']\nbeta: 0.1 # usual\nresume: true\n")]
    case .card:
      [Self.bytes("---\nconfigs:\n- config_name: a\n  data_files:\n  - {split: train, path: 'data/*.jsonl'}\n---\n# A")]
    case .language: [Self.bytes(#"{"freq": {"a": 12, " e\u0301": 3, "abc": 1}, "n_words": [12, 5, 4], "name": "en"}"#)]
    case .request: Self.requests.map(Self.bytes)
    }
  }

  private static func packed(_ bytes: [UInt8]) throws -> [UInt8] {
    var packed: [UInt8] = []
    try Deflater()?.pack(bytes, isLast: true) { packed += $0 }
    return packed
  }

  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  /// Those files of other tests whose names end so.
  private static func fixtures(_ folder: String, _ ending: String) throws -> [[UInt8]] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(
      path: folder)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(ending) }
      .sorted()
    return try names.map { try Array(Data(contentsOf: folder.appending(path: $0))) }.filter { $0.count < 1 << 16 }
  }

  private static let oneRecord =
    #"{"prompt": "Who?", "chosen": "A \"clerk\".", "rejected": "é"}"#
  private static let threeRecords =
    oneRecord + "\n" + #"{"prompt": "Who?", "completion": "A clerk.", "label": true}"# + "\n" + oneRecord + "\n"

  private static let tokenizerFile = """
    {"added_tokens": [{"id": 2, "content": "<s>", "special": true, "normalized": false, "lstrip": true}],
     "normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "NFKC"},
       {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}, {"type": "Strip"}, {"type": "Lowercase"}]},
     "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Metaspace"}, {"type": "Digits"},
       {"type": "Split", "pattern": {"String": "a"}, "behavior": "Isolated"}]},
     "decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
       {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
     "model": {"type": "BPE", "byte_fallback": true, "vocab": {"a": 0, "b": 1, "<s>": 2, "ab": 3, "<0x0A>": 4, "▁": 5},
       "merges": ["a b"]}}
    """

  private static func sentencePiece() throws -> [UInt8] {
    var model = SentencePieceModel()
    let pieces: [(String, SentencePiecePiece.Kind)] = [
      ("<unk>", .unknown), ("<s>", .control), ("</s>", .control), ("a", .normal), ("b", .normal), ("▁", .normal),
      ("aa", .normal),
    ]
    for (text, kind) in pieces {
      var piece = SentencePiecePiece()
      (piece.text, piece.kind) = (text, kind)
      model.pieces.append(piece)
    }
    model.trainer.algorithm = .bpe
    return try model.serializedBytes()
  }

  private static let templates = [
    """
    {{ bos_token }}{% for message in messages %}{% if loop.first and message['role'] == 'system' %}{% continue %}
    {%- endif %}<|{{ message.role | upper }}|>{{ message['content'] | trim }}{% generation %}{{ eos_token }}
    {%- endgeneration %}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}
    """,
    """
    {%- macro show(x, y=2) %}{{ x ~ y }}{{ caller() if caller else '' }}{% endmacro -%}
    {% set ns = namespace(a=[1, 2.5], b={'k': (1,)}) %}{% set ns.a = ns.a + [3] %}{{ show(ns.b.k[0] ** 2, y='é'[::-1]) }}
    {{ ns.a | map('string') | join(', ') | replace('1', 'one') }}{{ '%05.2f' | format(3.14159) }}{{ {'a': [1, none]} | tojson }}
    {{ messages | selectattr('role', 'equalto', 'user') | list | length }}{{ range(10, 0, -3) | list }}
    {{ 'a b'.split()[-1].title() }}{% raw %}{{ }}{% endraw %}{{ messages[0].content[1:3] }}
    """,
  ]

  private static let configFile = """
    {"model_type": "llama", "vocab_size": 16, "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
     "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 32, "max_position_embeddings": 128,
     "rms_norm_eps": 1e-5, "tie_word_embeddings": true, "bos_token_id": 0, "eos_token_id": [1, 2], "rope_theta": 10000.0,
     "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
       "original_max_position_embeddings": 64}}
    """

  private static let requests = [
    #"{"prompt": [{"role": "user", "content": [{"type": "text", "text": "Who?"}]}], "answers": [{"model": "a", "content": "I."}, {"model": "b", "content": "We."}], "choice": "first"}"#,
    #"{"prompt": [{"role": "user", "content": "Who?"}], "answers": [{"model": "b", "content": "I."}, {"model": "a", "content": "We."}], "choice": "tie", "id": "c", "rating": "good", "answer": {"model": "a", "content": "I.", "finish_reason": "length"}, "messages": [{"role": "user", "content": "a"}], "stop": ["b"], "temperature": 0.5, "n": 2, "stream": true, "stream_options": {"include_usage": true}, "logit_bias": {}}"#,
  ]
}
