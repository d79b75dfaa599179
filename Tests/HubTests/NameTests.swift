import Foundation
import Hub
import Testing

/// Names, revisions and addresses that people and servers give, before anything is asked or written.
@Suite struct NameTests {
  @Test(arguments: ["allenai/tulu-2-7b", "a/b", "o_o/_x_", "HuggingFaceTB/SmolLM2-135M", "x/llama.cpp", "0/9"])
  func names(name: String) throws {
    #expect(try HubRepository(.model, name).name == name)
  }

  @Test(
    arguments: [
      "", "/", "a", "a/", "/b", "a/b/c", "../b", "a/..", ".a/b", "a/b.", "-a/b", "a--b/c", "a/b..c", "a b/c", "a/b\n",
      "a/b?x", "a%2f/b", "a\\b/c", "é/b", "a/\u{301}b", "a/b.git", "a/b\0", String(repeating: "a", count: 97) + "/b",
      "https://huggingface.co/a/b",
    ]) func whatIsNoName(name: String)
  {
    #expect(!HubRepository.isName(name))
    #expect(throws: HubError.self) { try HubRepository(.model, name) }
  }

  @Test(arguments: ["", "../main", "a//b", "/main", "main/", "-x", "a b", "a?b", "a#b", ".lock", "a\nb", "a%b"])
  func whatIsNoRevision(revision: String) async throws {
    let hub = try Scratch().hub("http://127.0.0.1:1")
    let text = await message {
      try await hub.download(HubRepository(.model, "a/b"), revision: revision, selecting: .model)
    }
    #expect(
      text?.hasSuffix("is not a revision; name a branch, a tag or a commit, such as main") == true, "\(text ?? "")")
  }

  @Test(
    arguments: [
      "../x", "a/../../x", "/etc/passwd", "a//b", "a/", ".", "..", "", "a/./b", "a\\b", "a\0b", "a\nb", "a\u{1B}[2Jb",
      "a/\u{2028}", String(repeating: "a", count: 256), String(repeating: "a/", count: 600) + "a",
    ]) func pathsThatLeadAstray(path: String)
  {
    let hash = String(repeating: "a", count: 40)
    #expect(throws: HubError.self) { try HubFile(path: path, size: 1, sha256: nil, gitID: hash) }
  }

  @Test func filesThatCannotBe() throws {
    let (git, sha) = (String(repeating: "a", count: 40), String(repeating: "b", count: 64))
    #expect(try HubFile(path: "a/b..c/.d", size: 0, sha256: nil, gitID: git).hash == .gitBlob(git))
    #expect(try HubFile(path: "a", size: 1, sha256: sha, gitID: git).hash == .sha256(sha))
    #expect(throws: HubError.self) { try HubFile(path: "a", size: -1, sha256: sha, gitID: git) }
    #expect(throws: HubError.self) { try HubFile(path: "a", size: .max, sha256: sha, gitID: git) }
    for hash in ["", "x", "../../../../x", sha + "0", sha.uppercased()] {
      #expect(throws: HubError.self) { try HubFile(path: "a", size: 1, sha256: hash, gitID: git) }
      #expect(throws: HubError.self) { try HubFile(path: "a", size: 1, sha256: nil, gitID: hash) }
    }
    let file = try HubFile(path: "a", size: 1, sha256: sha, gitID: git)
    #expect(throws: HubError.self) { try HubListing(commit: git, files: [file, file]) }
  }

  @Test func theCacheIsWhereTheEnvironmentSays() throws {
    func cache(_ environment: [String: String]) throws -> String {
      try HubSettings(environment: environment.merging(["HOME": "/h"]) { old, _ in old }).cache.path
    }
    #expect(try cache([:]) == "/h/.cache/huggingface/hub")
    #expect(try cache(["XDG_CACHE_HOME": "/x"]) == "/x/huggingface/hub")
    #expect(try cache(["XDG_CACHE_HOME": "/x", "HF_HOME": "~/hf"]) == "/h/hf/hub")
    #expect(try cache(["HF_HUB_CACHE": "/c", "HF_HOME": "/hf"]) == "/c")
    #expect(try cache(["HF_HUB_CACHE": " ", "HF_HOME": "/hf"]) == "/hf/hub")
  }

  @Test func addressesAndSwitches() throws {
    func settings(_ environment: [String: String]) throws -> HubSettings {
      try HubSettings(environment: environment.merging(["HOME": "/nowhere"]) { old, _ in old })
    }
    #expect(try settings([:]).endpoint == "https://huggingface.co")
    #expect(try settings(["HF_ENDPOINT": "http://127.0.0.1:8080/mirror//"]).endpoint == "http://127.0.0.1:8080/mirror")
    for address in ["huggingface.co", "ftp://h", "https://", "https://u:p@h", "https://h?x", "https://h#x", "::"] {
      #expect(throws: HubError.self, "\(address)") { try settings(["HF_ENDPOINT": address]) }
    }
    #expect(try settings(["HF_HUB_OFFLINE": "yes"]).isOffline)
    #expect(try settings(["TRANSFORMERS_OFFLINE": "1"]).isOffline)
    #expect(try !settings(["HF_HUB_OFFLINE": "0"]).isOffline)
    let text = #expect(throws: HubError.self) { try settings(["HF_TOKEN": "hf_se\ncret"]) }
    #expect(text?.description == "the token in HF_TOKEN has characters that no token has; copy it again")
  }
}
