import Foundation
import GGUF
import ModelFiles
import Testing

/// Where a file may be written.
@Suite struct WritingTests {
  @Test func onlyGGUFFilesAreReplaced() throws {
    let model = try TinyModel()
    let export = try GGUFModel(ModelFolder(model.url), name: "tiny", as: .q8_0)
    func path(_ name: String) -> String { model.url.appending(path: name).path }
    try export.write(to: path("a.gguf"))
    let first = try Data(contentsOf: URL(filePath: path("a.gguf")))
    try export.write(to: path("a.gguf"))
    #expect(try Data(contentsOf: URL(filePath: path("a.gguf"))) == first)

    let weights = try Data(contentsOf: URL(filePath: path("model.safetensors")))
    for (name, reason) in [
      ("model.safetensors", "is there already and is no GGUF file; name another"), ("", "is a folder; name a file"),
      ("none/a.gguf", "the folder \(path("none")) does not exist; make it first"),
    ] {
      #expect(throws: ModelFileError(path(name), reason)) { try export.write(to: path(name)) }
    }
    #expect(throws: ModelFileError("/dev/null", "is there already and is no GGUF file; name another")) {
      try export.write(to: "/dev/null")
    }
    #expect(try Data(contentsOf: URL(filePath: path("model.safetensors"))) == weights)
  }
}
