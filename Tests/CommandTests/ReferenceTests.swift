import Foundation
import JSON
import Testing

/// What a run's reference scores depend on, and what they must not outlive.
@Suite struct ReferenceTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  /// A copy of the tiny model with other keys in its `config.json`.
  private func copy(_ name: String, _ changes: [String: JSON]) throws {
    try place.copyModel(name)
    var config = try #require(JSON(parsing: place.text(name + "/config.json")).object)
    for (key, value) in changes { config[key] = value }
    try place.write(name + "/config.json", JSON.object(config).text)
  }

  private func dpo(_ model: String, _ output: String, _ more: [String] = []) throws -> Outcome {
    try place.run(
      [
        "dpo", "--model", model, "--data", Workplace.pairs, "--threads", "1", "--batch-size", "8", "--max-steps", "2",
        "--output", output,
      ] + more)
  }

  private func firstLoss(_ run: String) throws -> String {
    String(format: "%.6f", try #require(place.metrics(run).first?["loss"]?.double))
  }

  @Test(
    arguments: [
      ["rope_scaling": ["rope_type": "linear", "factor": 4]], ["rms_norm_eps": 0.01],
      ["rope_parameters": ["rope_type": "default", "rope_theta": 500]],
    ] as [[String: JSON]])
  func anotherComputationOfTheSameWeightsIsAnotherReference(changes: [String: JSON]) throws {
    try copy("plain", [:])
    try copy("other", changes)
    try dpo("plain", "first").succeeded()
    try dpo("other", "second").succeeded()
    #expect(try firstLoss("first") == "0.693147")
    #expect(try firstLoss("second") == "0.693147")
    // The same with the reference named; against the other's scores the loss is not ln 2.
    try dpo("other", "third", ["--reference", "other"]).succeeded()
    try dpo("other", "fourth", ["--reference", "plain"]).succeeded()
    #expect(try firstLoss("third") == "0.693147")
    #expect(try firstLoss("fourth") != "0.693147")
    // What no computation reads does not lose the scores.
    try copy("renamed", changes.merging(["_name_or_path": "elsewhere"]) { $1 })
    #expect(try dpo("renamed", "fifth").succeeded().errors.contains("all of them were known from an earlier run"))
  }

  /// A run is resumed from what it began with, or not at all.
  @Test func whatChangedInPlaceIsNamedOnResuming() throws {
    try copy("base", [:])
    try copy("judge", ["rms_norm_eps": 1e-4])
    let heldOut = "held-out.jsonl"
    try place.write(heldOut, Array(Data(contentsOf: URL(filePath: Workplace.pairs))))
    let more = ["--reference", "judge", "--eval-data", heldOut]
    try dpo("base", "run", more + ["--save-every", "1"]).succeeded()
    let end = "not those that the run in \(place.url("run").path) began with; put them back, or begin in another folder"

    try place.write(heldOut, String(place.text(heldOut).split(separator: "\n")[0]))
    try dpo("base", "run", more + ["--resume"]).failedLast(
      "--resume: the held-out data, or what the tokenizer and template make of them, are \(end)")
    try place.write(heldOut, Array(Data(contentsOf: URL(filePath: Workplace.pairs))))

    let config = try place.text("judge/config.json")
    try place.write("judge/config.json", config.replacing("0.0001", with: "0.001"))
    try dpo("base", "run", more + ["--resume"]).failedLast(
      "--resume: the weights or config.json of --reference are \(end)")
    try place.write("judge/config.json", config)

    var weights = try Array(Data(contentsOf: place.url("base/model.safetensors")))
    weights[weights.count - 1] ^= 1
    try place.write("base/model.safetensors", weights)
    try dpo("base", "run", more + ["--resume"]).failedLast("--resume: the weights or config.json of --model are \(end)")
    weights[weights.count - 1] ^= 1
    try place.write("base/model.safetensors", weights)
    try dpo("base", "run", more + ["--resume"]).succeeded()

    // A run of an older version has no record.
    try FileManager.default.removeItem(at: place.url("run/origin.json"))
    let word =
      "an older version began this run: it cannot be checked whether models and held-out data are still the same\n"
    #expect(try dpo("base", "run", more + ["--resume"]).succeeded().errors.contains(word))
    #expect(try !dpo("base", "run", more + ["--resume"]).succeeded().errors.contains(word))
  }
}

extension Outcome {
  /// Expects a failure whose last line, after what is said of the data, is one error.
  fileprivate func failedLast(_ message: String, _ location: SourceLocation = #_sourceLocation) {
    #expect(status == 1 && errors.hasSuffix("Error: \(message)\n"), "\(self)", sourceLocation: location)
  }
}
