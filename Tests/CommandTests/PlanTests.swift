import Testing

@Suite struct PlanTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  /// A config.json by itself is planned as the folder that holds it is.
  @Test func aConfigurationIsEnough() throws {
    let folder = try place.run(["plan", "--model", Workplace.model, "--memory", "8GB", "--ranks", "2"])
    folder.succeeded()
    let file = try place.run(["plan", "--model", Workplace.model + "/config.json", "--memory", "8GB", "--ranks", "2"])
    #expect(file.output == folder.output && folder.output.contains("memory of each of 2 ranks"))
  }

  @Test(
    arguments: [
      ("none.json", nil, "none.json: "), ("empty.json", "", "empty.json: is not JSON"),
      ("list.json", "[]", "list.json: the file is not a JSON object"),
      ("small.json", #"{"model_type": "llama", "vocab_size": -1}"#, "small.json: vocab_size must be"),
    ] as [(String, String?, String)])
  func whatIsNoConfigurationIsOneLine(name: String, text: String?, words: String) throws {
    if let text { try place.write(name, text) }
    let outcome = try place.run(["plan", "--model", name, "--memory", "8GB"])
    #expect(outcome.status == 1 && outcome.errors.contains(words), "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count == 1 && !outcome.errors.contains("NSCocoa"))
  }
}
