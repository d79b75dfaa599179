import ModelFiles

extension ModelFolder {
  /// The model that people name: a folder, or one of the hub. What its files say against each other is told.
  static func named(_ name: String) throws -> ModelFolder {
    let folder = try ModelFolder(Named.model(name))
    for remark in folder.remarks { note("\(name): \(remark)") }
    return folder
  }
}
