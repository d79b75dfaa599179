import ArgumentParser
import Inference

/// How answers are drawn, and when they end.
struct SamplingOptions: ParsableArguments {
  @Option(
    help: "How freely tokens are chosen; 0 always takes the most probable. By default 0 for generate, 0.7 for chat.")
  var temperature: Double?

  @Option(help: "Choose only among this many of the most probable tokens.")
  var topK: Int?

  @Option(help: "Choose only among the most probable tokens that together reach this probability.")
  var topP = 1.0

  @Option(help: "Choose only among tokens with at least this share of the most probable one's probability.")
  var minP = 0.0

  @Option(help: "The logits of tokens that have already occurred are divided by this; 1 changes nothing.")
  var repetitionPenalty = 1.0

  @Option(help: "The most tokens of an answer.")
  var maxTokens = 512

  @Option(help: ArgumentHelp("A text that ends the answer; it is left out. May be repeated.", valueName: "text"))
  var stop: [String] = []

  @Option(help: "The seed of all random choices: the same seed gives the same result.")
  var seed: UInt64 = 42

  func validate() throws {
    if let problem = parameters(temperature: 0, seed: 0).problem { throw ValidationError("--\(problem)") }
    guard (1...1_000_000).contains(maxTokens) else {
      throw ValidationError("--max-tokens must be from 1 to 1000000, not \(maxTokens)")
    }
    guard !stop.contains("") else { throw ValidationError("--stop must not be empty") }
  }

  /// A request for an answer to a prompt.
  func request(_ prompt: [Int32], stops: Set<Int32>, temperature: Double, seed: UInt64) -> GenerationRequest {
    var request = GenerationRequest(prompt: prompt)
    request.sampling = parameters(temperature: temperature, seed: seed)
    request.maximumTokens = maxTokens
    request.stopTokens = stops
    request.stopStrings = stop
    return request
  }

  private func parameters(temperature standard: Double, seed: UInt64) -> SamplingParameters {
    SamplingParameters(
      temperature: temperature ?? standard, topK: topK, topP: topP, minP: minP, repetitionPenalty: repetitionPenalty,
      seed: seed)
  }
}
