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

  /// What each of four ranks keeps of 7B is a quarter; in use are four layers' worth of weights and gradients at most.
  @Test func ranksThatKeepAModelTogether() throws {
    try place.write(
      "seven.json",
      #"{"model_type": "llama", "vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "#
        + #""num_attention_heads": 32, "max_position_embeddings": 4096, "rms_norm_eps": 1e-5, "tie_word_embeddings": false}"#
    )
    let plan = try place.run(["plan", "--model", "seven.json", "--memory", "64GB", "--ranks", "4", "--shard", "all"])
    for line in [
      "  weights                 6.7 GB", "  gradients               6.7 GB", "  moments                 13.5 GB",
      "  others' part in use     2.4 GB", "  all weights, --shard optimizer: ", "  all weights, --shard all: 2\n",
    ] { #expect(plan.output.contains(line), "\(line)\n\(plan.output)") }
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
