import Foundation
import ModelFiles
import Recipes
import Text

typealias ModelOptions = Options<ModelSettings>
typealias ComputeOptions = Options<MachineSettings>

extension Options where Group == ModelSettings {
  /// The model's name, as it was given.
  var model: String { group.model }

  /// The model's folder, its configuration checked.
  func folder() throws -> ModelFolder { try .named(group.model) }

  /// The model's tokenizer with the chat template that was asked for.
  func format() throws -> ChatFormat {
    try ChatFormat(model: group.model, template: group.chatTemplate, beginning: group.bos)
  }
}

extension ChatFormat {
  /// The format of a model that is named.
  init(model: String, template: String?, beginning: BeginningRule) throws {
    try self.init(folder: Named.model(model), name: model, template: template, beginning: beginning) { note($0) }
  }
}
