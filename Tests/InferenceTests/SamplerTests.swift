import Datasets
import Inference
import JSON
import Testing

/// The steps of sampling against transformers' logits processors.
@Suite struct SamplerTests {
  @Test func distributionsAreTransformers() throws {
    let cases = try #require(Fixture.json("distributions.json").array)
    #expect(cases.count == 10)
    for one in cases {
      let setting = try #require(one["setting"])
      var sampler = Sampler(
        SamplingParameters(
          temperature: try #require(setting["temperature"]?.double), topK: setting["top_k"]?.int,
          topP: setting["top_p"]?.double ?? 1, minP: setting["min_p"]?.double ?? 0,
          repetitionPenalty: setting["repetition_penalty"]?.double ?? 1, seed: 1))
      sampler.note(try #require(one["seen"]).tokens)
      let logits = try #require(one["logits"]?.array).map { Float($0.double ?? .nan) }
      let expected = try #require(one["probabilities"]?.array).map { $0.double ?? .nan }
      let actual = sampler.distribution(logits)
      #expect(actual.map { $0 > 0 } == expected.map { $0 > 0 }, "\(setting.text)")
      let worst = zip(actual, expected).map { abs($0 - $1) }.max() ?? .nan
      #expect(worst < 1e-6, "\(setting.text): \(worst)")
    }
  }

  @Test func tokensAreDrawnAsOftenAsTheyAreProbable() {
    let logits: [Float] = [0, 1, 2, -3, 1.5]
    var sampler = Sampler(SamplingParameters(temperature: 0.9, topK: 4, seed: 5))
    let expected = sampler.distribution(logits)
    var counts = [Int](repeating: 0, count: logits.count)
    for _ in 0..<20_000 {
      var copy = logits
      counts[Int(copy.withUnsafeMutableBufferPointer { sampler.next($0) })] += 1
    }
    for (count, probability) in zip(counts, expected) { #expect(abs(Double(count) / 20_000 - probability) < 0.015) }
  }

  @Test func penaltiesCountTheAnswer() {
    func tokens(_ frequency: Double, _ presence: Double) -> [Int32] {
      var parameters = SamplingParameters()
      (parameters.frequencyPenalty, parameters.presencePenalty) = (frequency, presence)
      var sampler = Sampler(parameters)
      // The prompt does not count.
      sampler.note([0, 0, 0])
      return (0..<6).map { _ in
        var logits: [Float] = [1, 0.75, -1]
        return logits.withUnsafeMutableBufferPointer { sampler.next($0) }
      }
    }
    #expect(tokens(0, 0) == [0, 0, 0, 0, 0, 0])
    // 1, then 0.5 against 0.75, and once both have occurred as before.
    #expect(tokens(0, 0.5) == [0, 1, 0, 0, 0, 0])
    #expect(tokens(0.5, 0) == [0, 1, 0, 1, 0, 1])
    #expect(tokens(-0.5, 0) == [0, 0, 0, 0, 0, 0])
  }

  @Test func numbersThatAreNoneDoNotTrap() {
    for parameters in [
      SamplingParameters(), SamplingParameters(temperature: 1, topK: 2, topP: 0.5, minP: 0.5, seed: 1),
    ] {
      for strange in [Float.nan, .infinity, -.infinity] {
        var sampler = Sampler(parameters)
        var logits = [Float](repeating: strange, count: 4)
        let token = logits.withUnsafeMutableBufferPointer { sampler.next($0) }
        #expect((0..<4).contains(token))
      }
    }
  }

  @Test(arguments: [
    (SamplingParameters(temperature: -1), "temperature must be at least 0, not -1.0"),
    (SamplingParameters(temperature: .nan), "temperature must be at least 0, not nan"),
    (SamplingParameters(temperature: 1, topK: 0), "top-k must be at least 1, not 0"),
    (SamplingParameters(temperature: 1, topP: 0), "top-p must be greater than 0 and at most 1, not 0.0"),
    (SamplingParameters(temperature: 1, minP: 2), "min-p must be from 0 to 1, not 2.0"),
    (
      SamplingParameters(temperature: 1, repetitionPenalty: 0), "the repetition penalty must be greater than 0, not 0.0"
    ),
  ])
  func wrongParametersAreNamed(parameters: SamplingParameters, problem: String) {
    #expect(parameters.problem == problem)
  }
}
