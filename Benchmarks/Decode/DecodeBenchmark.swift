import Foundation
import Inference
import ModelFiles
import Torch

/// Times the decoding of one sequence and of several, and right before and after each how fast the same threads read memory.
///
/// `DecodeBenchmark MODEL float32|bfloat16|int8 ROUNDS TOKENS SEQUENCES...` prints for each round and number of sequences a line of
/// JSON: tokens and bytes of memory a second, and the bytes of weights that a token needs.
@main struct DecodeBenchmark {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count > 5, let format = WeightFormat(rawValue: arguments[2]), let rounds = Int(arguments[3]),
      let tokens = Int(arguments[4]), tokens > 0
    else {
      print("usage: DecodeBenchmark MODEL float32|bfloat16|int8 ROUNDS TOKENS SEQUENCES...")
      exit(64)
    }
    let model = try InferenceModel(ModelFolder(URL(filePath: arguments[1])), format: format)
    let sequences = arguments[5...].compactMap { Int($0) }
    for count in sequences { _ = try decodeRate(model, sequences: count, tokens) }
    let block = try Tensor(uninitialized: [1 << 26])
    // Until they are written to, all pages of zeros are one, which the cache holds.
    block.fillWithZeros()
    var before = try readRate(block)
    for _ in 0..<rounds {
      for count in sequences {
        let rate = try decodeRate(model, sequences: count, tokens)
        let after = try readRate(block)
        print(
          """
          {"sequences": \(count), "tokens_per_second": \(rate), "bytes_per_second": \((before + after) / 2), \
          "bytes_per_token": \(bytesPerToken(model))}
          """)
        before = after
      }
    }
  }

  /// Bytes that the threads read a second from a block larger than the caches, the median of a few times.
  static func readRate(_ block: Tensor) throws -> Double {
    let (pieces, size) = (64, 4 * block.count / 64)
    let rates = try (0..<5).map { _ in
      try Double(pieces * size)
        / seconds {
          try parallel(pieces) { range in
            // The search for a byte that is not there reads everything, as fast as the C library can.
            let found = memchr(block.bytes + range.lowerBound * size, 1, range.count * size)
            precondition(found == nil)
          }
        }
    }
    return rates.sorted()[rates.count / 2]
  }

  /// Tokens a second of so many sequences, from the moment when all have read their prompts.
  static func decodeRate(_ model: InferenceModel, sequences: Int, _ tokens: Int) throws -> Double {
    let batch = ContinuousBatch(model: model, limits: .init(sequences: sequences))
    for index in 0..<sequences {
      let prompt = (0..<16).map { Int32((3 + 37 * $0 + 11 * index) % model.config.vocabularySize) }
      try batch.add(ContinuousBatch.Request(prompt: prompt, maximumTokens: tokens + 8))
    }
    for _ in 0..<4 { _ = try batch.step() }
    return try Double(sequences * tokens) / seconds { for _ in 0..<tokens { _ = try batch.step() } }
  }

  static func seconds(_ body: () throws -> Void) rethrows -> Double {
    try ContinuousClock().measure(body) / .seconds(1)
  }

  static func bytesPerToken(_ model: InferenceModel) -> Int {
    let config = model.config
    let heads = 2 * (config.headCount + config.keyHeadCount) * config.headSize
    let layer = config.hiddenSize * (heads + 3 * config.feedForwardSize)
    let numbers = config.layerCount * layer + config.vocabularySize * config.hiddenSize
    return numbers * [.float32: 4, .bfloat16: 2, .int8: 1][model.format, default: 0]
  }
}
