import DataLayout
import Datasets
import Foundation
import JSON
import ModelFiles
import Parquet
import Reporting
import SentencePieceModel
import Text

@testable import GGUF
@testable import Rewards
@testable import Serving

/// A reader of what comes from outside, and files for it to begin with.
enum FuzzedReader: String, CaseIterable, Sendable {
  case json, lines, list, gzip, parquet, safetensors, pickle, gguf, tokenizer, sentencePiece, tekken, tiktoken,
    template, config, options,
    card,
    request, language

  /// What a file for it is called: some readers go by names.
  var fileName: String {
    switch self {
    case .json, .request: "body.json"
    case .lines: "lines.jsonl"
    case .list: "list.json"
    case .gzip: "lines.jsonl.gz"
    case .parquet: "rows.parquet"
    case .safetensors: "model.safetensors"
    case .pickle: "pytorch_model.bin"
    case .gguf: "model.gguf"
    case .tokenizer: "tokenizer.json"
    case .sentencePiece: "tokenizer.model"
    case .tekken: "tekken.json"
    case .tiktoken: "qwen.tiktoken"
    case .template: "chat_template.jinja"
    case .config: "config.json"
    case .options: "options.yaml"
    case .card: "README.md"
    case .language: "en"
    }
  }

  /// Reads a file as far as the programs do.
  func read(_ file: URL) throws {
    let bytes = try Array(Data(contentsOf: file))
    switch self {
    case .json:
      let json = try JSON(parsing: bytes)
      _ = try JSON(parsing: json.prettyText)
    case .lines, .list, .gzip:
      let reader = try DatasetReader<AnyRecord>([file.path], skipInvalid: true)
      for _ in 0..<1000 { guard try reader.next() != nil else { break } }
    case .parquet:
      let rows = try ParquetFile(file.path).rows(maximumRowLength: 1 << 20)
      for _ in 0..<1000 { guard try rows.next() != nil else { break } }
    case .safetensors: for tensor in try SafetensorsFile(file).tensors { _ = try? tensor.floats() }
    case .pickle: for tensor in try PyTorchFile(file).tensors { _ = try? tensor.floats() }
    case .gguf:
      let contents = try GGUFContents(path: file.path)
      for tensor in contents.tensors { _ = try? tensor.floats() }
      _ = try? GGUFTokenizer(contents)
      _ = try? LlamaConfig(json: contents.configuration())
    case .tokenizer: Self.use(try Tokenizer(jsonFile: file))
    case .sentencePiece: Self.use(try Tokenizer(sentencePieceFile: file))
    case .tekken, .tiktoken: Self.use(try Tokenizer(folder: file.deletingLastPathComponent()))
    case .template:
      let template = try JinjaTemplate(source: String(decoding: bytes, as: UTF8.self), name: "template")
      _ = try template.render(Self.conversation, work: 1 << 20)
    case .config: _ = try LlamaConfig(json: JSON(parsing: bytes))
    case .options: _ = try ConfigFile.arguments(from: file, names: ["data": .list, "beta": .value, "resume": .flag])
    case .card: _ = try DataCard(String(decoding: bytes, as: UTF8.self))
    case .language: _ = try LanguageProfile(file)
    case .request:
      let fields = try RequestFields(body: bytes)
      _ = try? ChatRequest(fields)
      _ = try? CompletionRequest(fields)
      _ = try? AnswerRating(fields, models: ["a", "b"])
      _ = try Vote(fields, models: ["a", "b"])
    }
  }

  private static func use(_ tokenizer: Tokenizer) {
    let text = "ab  <s>é\u{301}\u{1F42A}\n" + String(repeating: "a", count: 100)
    _ = tokenizer.decode(tokenizer.encode(text), skippingSpecialTokens: false)
  }

  private static let conversation: TextKeyed<JSON> = [
    "messages": [["role": "user", "content": "Who? \u{301}"], ["role": "assistant", "content": "A clerk."]],
    "bos_token": "<s>", "eos_token": "</s>", "add_generation_prompt": true,
  ]
}
