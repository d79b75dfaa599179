import Foundation
import ModelFiles
import Recipes
import TestSupport
import Testing

/// Which matrices an adapter changes, by their names in the model's files.
@Suite struct AdapterTargetsTests {
  private func names(_ text: String, in family: String) throws -> [String] {
    let folder = Checkout.fixtures(of: "LlamaTests").appending(path: "families/" + family)
    return try #require(AdapterTargets(text: text)).names(in: ModelFolder(folder).config)
  }

  @Test func matricesHaveTheNamesOfTheModelsFiles() throws {
    let llama = ["q_proj", "k_proj", "v_proj", "o_proj"]
    #expect(try names("all", in: "llama-yarn") == llama + ["gate_proj", "up_proj", "down_proj"])
    #expect(try names("attention", in: "gemma3") == llama)
    #expect(try names("all", in: "phi3") == ["qkv_proj", "o_proj", "gate_up_proj", "down_proj"])
    #expect(try names("attention", in: "phi3") == ["qkv_proj", "o_proj"])
    #expect(try names("qkv_proj,down_proj", in: "phi3") == ["qkv_proj", "down_proj"])
    #expect(AdapterTargets(text: "lm_head") == nil)
  }
}
