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
  func folder() throws -> ModelFolder { try .named(group.model, adapter: group.adapter) }

  /// The model's tokenizer with the chat template that was asked for.
  func format() throws -> ChatFormat {
    try ChatFormat(model: group.model, adapter: group.adapter, template: group.chatTemplate, beginning: group.bos)
  }
}

extension ChatFormat {
  /// The format of a model that is named.
  init(model: String, adapter: String? = nil, template: String?, beginning: BeginningRule) throws {
    let folder = try ModelFolder.tokenizerFolder(
      Named.model(model), adapter: adapter.map(Named.model), locating: Named.model)
    try self.init(folder: folder, name: model, template: template, beginning: beginning) { note($0) }
  }
}
