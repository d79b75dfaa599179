import Foundation
import JSON

/// What the files beside a tokenizer say about it: tokenizer_config.json, special_tokens_map.json, added_tokens.json
/// and chat templates; each may be absent.
struct TokenizerSettings: Sendable {
  var specialTokens = SpecialTokens()
  var addsBOS: Bool?
  /// Whether SentencePiece text after a special token gets a metaspace in front.
  var isLegacy: Bool?
  var addsPrefixSpace: Bool?
  var addedTokens: [AddedToken] = []
  var templates = FolderTemplates()
  var remarks: [String] = []

  init() {}

  /// - Throws: `TokenizerError`.
  init(folder: URL) throws {
    let config = try Self.read("tokenizer_config.json", in: folder)
    let map = try Self.read("special_tokens_map.json", in: folder)
    let configPath = folder.appending(path: "tokenizer_config.json").path
    do {
      specialTokens = try SpecialTokens(config: config, map: map)
    } catch {
      throw TokenizerError(path: configPath, reason: error.description)
    }
    addsBOS = config?["add_bos_token"]?.bool
    isLegacy = config?["legacy"]?.bool
    addsPrefixSpace = config?["add_prefix_space"]?.bool

    for (text, id) in try Self.read("added_tokens.json", in: folder)?.object ?? [:] {
      guard let id = id.int.flatMap({ Int32(exactly: $0) }) else {
        let path = folder.appending(path: "added_tokens.json").path
        throw TokenizerError(path: path, reason: "token \(quotedToken(text)) has the id \(id.text), which is not one")
      }
      addedTokens.append(AddedToken(id: id, content: text))
    }
    for (key, token) in config?["added_tokens_decoder"]?.object ?? [:] {
      guard let id = Int(key) else {
        throw TokenizerError(
          path: configPath, reason: "added_tokens_decoder has the key \(quotedToken(key)), which is not an id")
      }
      do throws(TokenizerProblem) {
        let token = try AddedToken(token, id: id)
        addedTokens.removeAll { $0.id == token.id }
        addedTokens.append(token)
      } catch {
        throw TokenizerError(path: configPath, reason: error.description)
      }
    }

    templates = try FolderTemplates(folder: folder, config: config)
    let processor = folder.appending(path: "chat_template.json").path
    if templates.isEmpty, FileManager.default.fileExists(atPath: processor) {
      remarks.append(
        "chat_template.json is not read: transformers takes it for a processor's template, not a tokenizer's")
    }
  }

  private static func read(_ name: String, in folder: URL) throws -> JSON? {
    let file = folder.appending(path: name)
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    do {
      return try JSON(parsing: try bytes(of: file))
    } catch let error as JSONError {
      throw TokenizerError(path: file.path, reason: "\(error)")
    }
  }

  /// The bytes of a file.
  /// - Throws: `TokenizerError`.
  static func bytes(of file: URL) throws -> [UInt8] {
    do {
      return Array(try Data(contentsOf: file))
    } catch {
      throw TokenizerError(path: file.path, reason: "the file cannot be read: \(error.localizedDescription)")
    }
  }
}
