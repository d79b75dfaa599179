import Foundation
import JSON

extension Tokenizer {
  /// Reads the tokenizer of a model folder: tokenizer.json or, where that is absent, tokenizer.model (SentencePiece's, or
  /// Llama 3's), tekken.json or qwen.tiktoken, with what tokenizer_config.json, special_tokens_map.json, added_tokens.json
  /// and the chat templates say.
  /// - Throws: `TokenizerError`.
  public convenience init(folder: URL) throws {
    let settings = try TokenizerSettings(folder: folder)
    let names = ["tokenizer.json", "tokenizer.model", "tekken.json", "qwen.tiktoken"]
    let files = names.map { folder.appending(path: $0) }
    guard let file = files.first(where: { FileManager.default.fileExists(atPath: $0.path) }) else {
      throw TokenizerError(
        path: folder.path, reason: "the folder has no tokenizer: none of \(names.joined(separator: ", "))")
    }
    switch file.lastPathComponent {
    case "tokenizer.json": try self.init(json: file, settings)
    case "tokenizer.model": try self.init(model: file, settings)
    case "tekken.json": try self.init(tekken: file, settings)
    default: try self.init(tiktoken: file, .qwen, settings)
    }
  }

  /// Reads one file in the format of tokenizer.json; without the files beside it, `bos`, `eos` and `pad` are not
  /// known.
  /// - Throws: `TokenizerError`.
  public convenience init(jsonFile file: URL) throws { try self.init(json: file, TokenizerSettings()) }

  /// Reads one file in the format of SentencePiece, usually tokenizer.model.
  /// - Throws: `TokenizerError`.
  public convenience init(sentencePieceFile file: URL) throws {
    try self.init(sentencePiece: file, TokenizerSettings())
  }

  /// Reads one file in the format of Mistral's tekken.json.
  /// - Throws: `TokenizerError`.
  public convenience init(tekkenFile file: URL) throws { try self.init(tekken: file, TokenizerSettings()) }

  private convenience init(json file: URL, _ settings: TokenizerSettings) throws {
    let bytes = try TokenizerSettings.bytes(of: file)
    try self.init(settings, file) { try TokenizerDefinition(tokenizerJSON: bytes) }
  }

  private convenience init(tekken file: URL, _ settings: TokenizerSettings) throws {
    let bytes = try TokenizerSettings.bytes(of: file)
    try self.init(settings, file) {
      var definition = try TokenizerDefinition(tekken: bytes)
      definition.addsBOS = settings.addsBOS ?? definition.addsBOS
      return definition
    }
  }

  private convenience init(tiktoken file: URL, _ kind: RankedFile, _ settings: TokenizerSettings) throws {
    let bytes = try TokenizerSettings.bytes(of: file)
    try self.init(settings, file) {
      var definition = try TokenizerDefinition(tiktoken: bytes, kind, hasTokens: !settings.addedTokens.isEmpty)
      definition.addsBOS = settings.addsBOS ?? definition.addsBOS
      return definition
    }
  }

  /// Reads a tokenizer.model, which may be of two kinds.
  private convenience init(model file: URL, _ settings: TokenizerSettings) throws {
    if RankedFile.isOne(try TokenizerSettings.bytes(of: file)) {
      try self.init(tiktoken: file, .llama3, settings)
    } else {
      try self.init(sentencePiece: file, settings)
    }
  }

  private convenience init(sentencePiece file: URL, _ settings: TokenizerSettings) throws {
    let bytes = try TokenizerSettings.bytes(of: file)
    try self.init(settings, file) {
      var definition = try TokenizerDefinition(
        sentencePiece: bytes, prefixesEachText: settings.isLegacy ?? true, prefixes: settings.addsPrefixSpace)
      definition.addsBOS = settings.addsBOS ?? definition.addsBOS
      return definition
    }
  }

  /// Says in which file a problem is.
  private convenience init(
    _ settings: TokenizerSettings, _ file: URL, definition: () throws -> TokenizerDefinition
  ) throws {
    do {
      try self.init(definition(), settings)
    } catch let problem as TokenizerProblem {
      throw TokenizerError(path: file.path, reason: problem.description)
    } catch let error as JSONError {
      throw TokenizerError(path: file.path, reason: error.description)
    }
  }
}
