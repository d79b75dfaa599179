import Foundation
import JSON

extension Tokenizer {
  /// Reads the tokenizer of a model folder: tokenizer.json, or tokenizer.model where that is absent, with what
  /// tokenizer_config.json, special_tokens_map.json, added_tokens.json and the chat templates say.
  /// - Throws: `TokenizerError`.
  public convenience init(folder: URL) throws {
    let json = folder.appending(path: "tokenizer.json")
    let sentencePiece = folder.appending(path: "tokenizer.model")
    let settings = try TokenizerSettings(folder: folder)
    if FileManager.default.fileExists(atPath: json.path) {
      try self.init(json: json, settings)
    } else if FileManager.default.fileExists(atPath: sentencePiece.path) {
      try self.init(sentencePiece: sentencePiece, settings)
    } else {
      throw TokenizerError(path: folder.path, reason: "the folder has neither a tokenizer.json nor a tokenizer.model")
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

  private convenience init(json file: URL, _ settings: TokenizerSettings) throws {
    let bytes = try TokenizerSettings.bytes(of: file)
    try self.init(settings, file) { try TokenizerDefinition(tokenizerJSON: bytes) }
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
