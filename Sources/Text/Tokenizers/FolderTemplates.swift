import Foundation
import JSON
import OrderedCollections

/// The chat templates of a model folder by name, as transformers reads them: chat_template.jinja, which is the one named
/// "default", and additional_chat_templates, or where there are none of them what tokenizer_config.json holds.
struct FolderTemplates: Sendable {
  private var templates: OrderedDictionary<String, String> = [:]
  private var folder = ""

  init() {}

  /// - Throws: `TokenizerError`.
  init(folder: URL, config: JSON?) throws {
    self.folder = folder.path
    let file = folder.appending(path: "chat_template.jinja")
    if FileManager.default.fileExists(atPath: file.path) { templates["default"] = try Self.text(of: file) }
    let more = folder.appending(path: "additional_chat_templates")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: more.path)) ?? []
    for name in names.sorted() where name.hasSuffix(".jinja") {
      templates[String(name.dropLast(".jinja".count))] = try Self.text(of: more.appending(path: name))
    }
    guard templates.isEmpty, let field = config?["chat_template"], field != .null else { return }
    do {
      templates = try Self.templates(field)
    } catch {
      throw TokenizerError(path: folder.appending(path: "tokenizer_config.json").path, reason: error.description)
    }
  }

  private static func templates(_ field: JSON) throws(TokenizerProblem) -> OrderedDictionary<String, String> {
    if let text = field.string { return ["default": text] }
    var result: OrderedDictionary<String, String> = [:]
    let entries = field.array?.map { ($0["name"]?.string, $0["template"]?.string) }
    for (name, text) in entries ?? field.object?.map({ ($0.key, $0.value.string) }) ?? [(nil, nil)] {
      guard let name, let text else {
        throw TokenizerProblem("chat_template should be a text, or a list of texts with names")
      }
      result[name] = text
    }
    return result
  }

  private static func text(of file: URL) throws -> String {
    guard let text = String(validating: try TokenizerSettings.bytes(of: file), as: UTF8.self) else {
      throw TokenizerError(path: file.path, reason: "the chat template is not valid UTF-8")
    }
    return text
  }

  var isEmpty: Bool { templates.isEmpty }

  /// The template named "default".
  var standard: String? { templates["default"] }

  /// The template for conversations, with or without tools; nil where the folder has none at all.
  func template(withTools: Bool) throws(TokenizerError) -> String? {
    if withTools, let template = templates["tool_use"] { return template }
    guard standard == nil, !templates.isEmpty else { return standard }
    let names = templates.keys.map(quotedToken).joined(separator: ", ")
    throw TokenizerError(
      path: folder, reason: "none of the chat templates (\(names)) is named \"default\"; give the one to use as a file")
  }
}
