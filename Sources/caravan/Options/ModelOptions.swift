import Alignment
import ArgumentParser
import Foundation
import ModelFiles
import Text

/// The model that a command reads, and how conversations are written for it.
struct ModelOptions: ParsableArguments {
  @Option(help: modelHelp)
  var model: String

  @Option(help: chatTemplateHelp)
  var chatTemplate: String?

  @Option(help: bosHelp)
  var bos: ChatFormat.BeginningRule = .auto

  static let modelHelp = ArgumentHelp(
    "The model: a folder as Hugging Face lays it out, or OWNER/NAME of the hub.", valueName: "folder")
  static let chatTemplateHelp = ArgumentHelp(
    "How conversations are written: \(ChatTemplate.names.joined(separator: ", ")), or a Jinja file. "
      + "Without it, as the tokenizer says; where it says nothing, tulu.",
    valueName: "name or file")
  static let bosHelp: ArgumentHelp = "Whether the beginning-of-text token comes first; auto is what the tokenizer does."

  /// The model's folder, its configuration checked.
  func folder() throws -> ModelFolder { try .named(model) }

  /// The model's tokenizer with the chat template that was asked for.
  func format() throws -> ChatFormat { try ChatFormat(model: model, template: chatTemplate, beginning: bos) }
}

extension ChatFormat {
  /// The tokens that end a text of a model: those of its generation config, and its tokenizer's; in a conversation also the
  /// one that the chat template writes after answers.
  func stopTokens(of folder: ModelFolder, inConversation: Bool = true) -> Set<Int32> {
    let ending = inConversation ? AnswerEnding(self)?.token : nil
    return Set(
      folder.generationConfig.eosTokenIDs.map { Int32(clamping: $0) } + [tokenizer.eos, ending].compactMap(\.self))
  }

  /// A model's tokenizer with a chat template: that of this name or file, else the tokenizer's own, else Tulu's.
  init(model: String, template nameOrFile: String?, beginning: BeginningRule) throws {
    let tokenizer = try Tokenizer(folder: Named.model(model))
    for remark in tokenizer.remarks { note("\(model): \(remark)") }
    let template: ChatTemplate
    if let nameOrFile {
      template = try ChatTemplate(nameOrFile: nameOrFile)
    } else if let source = try tokenizer.chatTemplate(withTools: false) {
      template = try ChatTemplate(source: source, name: "of \(model)")
    } else {
      template = .tulu
    }
    self.init(tokenizer: tokenizer, template: template, beginning: beginning)
  }
}

extension ChatFormat.BeginningRule: ExpressibleByArgument {}
