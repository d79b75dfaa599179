import Foundation
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

  /// The data say how long examples are, how many steps an epoch has, and so how long it takes.
  @Test func dataDecideWhatStepsAreLike() throws {
    let arguments = [
      "plan", "--model", Workplace.model, "--memory", "8GB", "--data", Workplace.pairs, "--batch-size", "8", "--ranks",
      "2",
    ]
    let plan = try place.run(arguments)
    plan.succeeded()
    // The tokens are those that training counts, but for what the answers of a pair share.
    try place.run(Workplace.dpo + ["--epochs", "1", "--output", "run"]).succeeded()
    let steps = try place.metrics("run").count { $0["loss"] != nil }
    let words = try #require(plan.output.split(separator: "\n").first { $0.contains("tokens on average") }).split(
      separator: " ")
    let lines = try String(contentsOfFile: Workplace.pairs, encoding: .utf8).split(separator: "\n").count
    #expect(
      words.first == "\(lines)" && words.suffix(6).joined(separator: " ") == "\(steps) steps of 8 an epoch", "\(words)")
    // Twice the rates are half the time.
    let times = try ["1e-6", "2e-6"].map { rate in
      let outcome = try place.run(arguments + ["--teraflops", rate, "--gigabytes-per-second", rate])
      let line = try #require(
        outcome.output.split(separator: "\n").first { $0.contains("together ") && $0.contains(" epoch ") })
      #expect(line.contains("; the reference reads the data once before, in "), "\(line)")
      return try #require(line.split(separator: " ").compactMap { Double($0) }.dropFirst().first)
    }
    #expect(times[0] > 0 && abs(times[0] - 2 * times[1]) <= 2, "\(times)")
    let other = try place.run(arguments + ["--longest", "9"])
    #expect(other.errors.contains("Error: --longest follows from --data"), "\(other)")
  }

  /// With a rate that was measured, a plan has the times that the same rate gives.
  @Test func theRateIsMeasured() throws {
    let arguments = [
      "plan", "--model", Workplace.model, "--memory", "8GB", "--longest", "64", "--step-tokens", "1000000000",
    ]
    let measured = try place.run(arguments + ["--measure"]).succeeded()
    let words = measured.errors.split(whereSeparator: \.isWhitespace)
    let rate = try #require(words.firstIndex(of: "here:").flatMap { Double(words[$0 + 1]) })
    #expect(rate > 0 && rate < 100)
    #expect(measured.output.contains("  together "), "\(measured)")
    // Nothing is taken of the memory where it would not be enough.
    try place.write(
      "large.json",
      #"{"model_type": "llama", "vocab_size": 32000, "hidden_size": 262144, "intermediate_size": 524288, "#
        + #""num_hidden_layers": 200, "num_attention_heads": 2048, "max_position_embeddings": 4096, "rms_norm_eps": 1e-5}"#
    )
    let large = try place.run(["plan", "--model", "large.json", "--memory", "80GB", "--measure"])
    #expect(large.status == 1 && large.errors.contains("two layers of this model are too large"), "\(large)")
    let both = try place.run(arguments + ["--measure", "--teraflops", "1"])
    #expect(both.status == 64 && both.errors.contains("give --teraflops or --measure, not both"), "\(both)")
  }

  @Test func gradientsInBFloat16TakeHalf() throws {
    let arguments = ["plan", "--model", Workplace.model, "--memory", "8GB", "--gradient-dtype", "bfloat16"]
    try place.run(arguments).succeeded()
    #expect(try place.run(arguments + ["--ranks", "2", "--shard", "all"]).status == 0)
    for more in [["--ranks", "2"], ["--lora-rank", "4"]] {
      let refused = try place.run(arguments + more)
      #expect(
        refused.status == 64 && refused.errors.contains("--gradient-dtype is for training all weights"), "\(refused)")
    }
  }

  /// A long example among short ones keeps the other ranks waiting, and more ranks never have more to do.
  @Test func theBusiestRankIsWaitedFor() throws {
    let record = { (words: Int) in
      let text = String(repeating: "a ", count: words)
      return #"{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "\#(text)"}]}"#
    }
    try place.write("chats.jsonl", ([200] + [Int](repeating: 2, count: 7)).map(record).joined(separator: "\n"))
    func operations(_ ranks: Int) throws -> Double {
      let outcome = try place.run([
        "plan", "--model", Workplace.model, "--memory", "8GB", "--data", "chats.jsonl", "--ranks", "\(ranks)",
        "--teraflops", "1e-6",
      ])
      outcome.succeeded()
      let line = try #require(outcome.output.split(separator: "\n").first { $0.contains("operations, in ") })
      return try #require(line.split(separator: " ").dropLast().last.flatMap { Double($0) })
    }
    let (one, two, eight) = (try operations(1), try operations(2), try operations(8))
    #expect(two > one / 2 * 1.2 && two <= one && eight <= two && eight > one / 8 * 2, "\(one) \(two) \(eight)")
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
