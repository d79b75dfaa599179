import Foundation
import Testing

/// `caravan export`: files for other programs.
@Suite struct ExportTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  /// The files that commands have left, but for hidden ones.
  private var names: [String] { get throws { try place.names(".").filter { !$0.hasPrefix(".") } } }

  @Test func aGGUFFileAppearsWhole() throws {
    let arguments = ["export", "gguf", Workplace.model, "--output", "model.gguf", "--dtype", "q8_0"]
    let outcome = try place.run(arguments).succeeded()
    #expect(outcome.output.isEmpty && outcome.errors.contains("writing"))
    #expect(outcome.errors.contains("\nwrote model.gguf, "))
    #expect(try names == ["model.gguf"])
    #expect(try Data(contentsOf: place.url("model.gguf")).starts(with: Array("GGUF".utf8)))
    // It may be written again, but over no file of another kind.
    _ = try place.run(arguments).succeeded()
    try place.write("model.gguf", "notes")
    let refused = try place.run(arguments)
    #expect(refused.status == 1)
    #expect(
      refused.errors.contains("Error: model.gguf: is there already and is no GGUF file; name another\n"), "\(refused)")
    #expect(try place.text("model.gguf") == "notes")
  }

  @Test func aFolderOfAnotherTypeGeneratesAsBefore() throws {
    _ = try place.run(["export", "safetensors", Workplace.model, "--output", "out/half"]).succeeded()
    #expect(try place.text("out/half/config.json").contains("\"bfloat16\""))
    _ = try place.run(["export", "safetensors", "out/half", "--output", "whole", "--dtype", "float32"]).succeeded()
    func text(_ model: String) throws -> String {
      try place.run(["generate", "--threads", "1", "--model", model, "--max-tokens", "8", "Hello."]).succeeded().output
    }
    // What bfloat16 holds, float32 holds too.
    #expect(try text("whole") == text("out/half"))

    let refused = try place.run(["export", "safetensors", Workplace.model, "--output", "whole"])
    #expect(refused.status == 1)
    #expect(refused.errors == "Error: whole: is a folder with files in it; name a new one\n", "\(refused)")
  }

  @Test func wrongUsageIsSaidBeforeWorkBegins() throws {
    let unknown = try place.run(["export", "gguf", Workplace.model, "--output", "a.gguf", "--dtype", "q4_0"])
    #expect(unknown.status == 64 && unknown.errors.contains("q8_0"), "\(unknown)")
    #expect(try place.run(["export", "gguf", Workplace.model]).status == 64)
    #expect(try place.run(["export", "safetensors", "none", "--output", "a"]).status == 1)
    #expect(try names.isEmpty)
  }
}
