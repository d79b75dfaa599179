import Foundation
import TestHub
import TestSupport
import Testing

/// `caravan upload`.
@Suite struct UploadCommandTests {
  private let place: Workplace

  init() throws {
    place = try Workplace()
    try place.copyModel("mine")
    try place.write("mine/optimizer.safetensors", "x")
    try place.write("mine/checkpoint-5/config.json", "{}")
  }

  private func upload(_ server: TestHub?, _ arguments: String..., token: String = "hf_write") throws -> Outcome {
    try place.run(
      ["upload"] + arguments,
      environment: [
        "HF_ENDPOINT": server?.address ?? "http://127.0.0.1:1", "HF_HOME": place.url("hf").path, "HF_HUB_OFFLINE": "0",
        "HF_TOKEN": token,
      ])
  }

  @Test func aModelGoesUpOnceAndComesBack() async throws {
    let hub = UploadHub("me/mine", partSize: 20_000)
    let server = try await TestHub { hub.answer($0) }
    let plan = try upload(server, "mine", "me/mine", "--dry-run").succeeded()
    let lines = plan.output.split(separator: "\n").map(String.init)
    #expect(lines.contains { $0.hasPrefix("new ") && $0.hasSuffix("model.safetensors") })
    #expect(lines.last?.hasSuffix(", to a new private model") == true, "\(plan.output)")
    #expect(plan.errors.contains("left out: checkpoint-5/ (a checkpoint, with the state of its optimizer)\n"))
    #expect(plan.errors.contains("left out: optimizer.safetensors (the state of an optimizer)\n"))
    #expect(hub.state.files == nil)

    let first = try upload(server, "mine", "me/mine").succeeded()
    #expect(first.output == "\(server.address)/me/mine/commit/\(UploadHub.commit(2))\n")
    #expect(first.errors.contains("made the private model me/mine\n"))
    #expect(
      try hub.state.files?["model.safetensors"] == Array(Data(contentsOf: place.url("mine/model.safetensors"))))
    #expect(hub.state.isPrivate && hub.state.files?["optimizer.safetensors"] == nil)

    let again = try upload(server, "mine", "me/mine").succeeded()
    #expect(again.output.isEmpty && again.errors.contains("nothing was sent: me/mine has all "))
    try place.write("mine/README.md", "# Mine\n")
    let changed = try upload(server, "mine", "me/mine", "--dry-run").succeeded().output
    #expect(changed.contains("new        7 bytes  README.md\n") || changed.contains("  7 bytes  README.md\n"))
    #expect(
      changed.contains("unchanged") && changed.hasSuffix("1 of 5 files, 7 bytes, to the private me/mine\n"),
      "\(changed)")
  }

  @Test func whatIsWrongIsSaid() async throws {
    try upload(nil, "mine", "mine").failed(
      64, "'mine' is not a name on the hub; write OWNER/NAME, with letters, digits, '-', '_' and '.'")
    try upload(nil, "mine", "me/mine", token: "").failed(
      1, "uploading needs a token that may write: http://127.0.0.1:1/settings/tokens makes one; set HF_TOKEN to it")
    let hub = UploadHub("me/mine", files: [:], isPrivate: false)
    let server = try await TestHub { hub.answer($0) }
    try upload(server, "mine", "me/mine").failed(
      1, "model me/mine is public: everyone would see the files; say --public if they may, or name another repository")
    try upload(server, "mine", "me/mine", "--public").succeeded()
  }
}
