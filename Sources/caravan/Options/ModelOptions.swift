import Alignment
import ArgumentParser
import Foundation
import ModelFiles
import Text

/// The model that a command reads, and how conversations are written for it.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The model: a folder as Hugging Face lays it out, or OWNER/NAME of the hub.", valueName: "folder"))
  var model: String

  @Option(
    help: ArgumentHelp(
      "How conversations are written: \(ChatTemplate.names.joined(separator: ", ")), or a Jinja file. "
        + "Without it, as the tokenizer says; where it says nothing, tulu.",
      valueName: "name or file"))
  var chatTemplate: String?

  @Option(help: "Whether the beginning-of-text token comes first; auto is what the tokenizer does.")
  var bos: ChatFormat.BeginningRule = .auto

  /// The model's folder, its configuration checked.
  func folder() throws -> ModelFolder { try ModelFolder(Named.model(model)) }

  /// The model's tokenizer with the chat template that was asked for.
  func format() throws -> ChatFormat { try Self.format(folder: model, chatTemplate: chatTemplate, bos: bos) }

  /// A model's tokenizer with a chat template: that of the name or file, else the tokenizer's own.
  static func format(
    folder model: String, chatTemplate: String?, bos: ChatFormat.BeginningRule = .auto
  ) throws -> ChatFormat {
    let tokenizer = try Tokenizer(folder: Named.model(model))
    let template: ChatTemplate
    if let chatTemplate {
      template = try ChatTemplate(nameOrFile: chatTemplate)
    } else if let source = tokenizer.chatTemplate {
      template = try ChatTemplate(source: source, name: "of \(model)")
    } else {
      template = .tulu
    }
    return ChatFormat(tokenizer: tokenizer, template: template, beginning: bos)
  }
}

extension ChatFormat.BeginningRule: ExpressibleByArgument {}
