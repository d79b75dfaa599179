import Collectives
import ModelFiles
import Testing
import Torch

@testable import Llama

/// What a rank keeps of a model that several keep together.
@Suite struct ShardsTests {
  let config: LlamaConfig

  init() throws { config = try ModelFolder(Fixture("biases").folder).config }

  @Test(arguments: 1...5) func cutsAreAlikeAndKeepBlocksTogether(count: Int) {
    let tensors = [10..<5000, 5000..<5064, 5064..<90_000]
    let parts = (10..<90_000).cut(among: count, within: tensors)
    #expect(parts.count == count && parts[0].lowerBound == 10 && parts[count - 1].upperBound == 90_000)
    #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    for part in parts {
      #expect(abs(part.count - 89_990 / count) <= 256)
      let tensor = tensors.first { $0.contains(part.lowerBound) }
      #expect(tensor.map { (part.lowerBound - $0.lowerBound) % 256 } == 0)
    }
    #expect((0..<0).cut(among: count, within: []) == Array(repeating: 0..<0, count: count))
    // Fewer numbers than a block are one rank's.
    #expect((0..<9).cut(among: count, within: [0..<9]).map(\.count).sorted().last == 9)
  }

  @Test func everyValueIsKeptOnce() throws {
    let layout = ParameterLayout(config)
    let ranks = try (0..<3).map {
      try Parameters(layout: layout, training: true, freezing: [.layer(0)], sharedBy: Absent(rank: $0, of: 3))
    }
    let kept = ranks.flatMap(\.kept).filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound }
    #expect(kept.first?.lowerBound == 0 && kept.last?.upperBound == layout.count)
    #expect(zip(kept, kept.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    let gradients = try #require(ranks[0].keptGradients).joined().filter { !$0.isEmpty }
    #expect(gradients.reduce(0) { $0 + $1.count } == ranks[0].gradients?.count)
    #expect(try Parameters(layout: layout, training: true, sharedBy: OneProcess()).shards == nil)
  }

  @Test func whatOthersKeepIsThereOnlyInUse() throws {
    let layout = ParameterLayout(config)
    let parameters = try Parameters(layout: layout, training: true, sharedBy: Absent(rank: 1, of: 2))
    let gradients = try #require(parameters.gradients)
    for (group, range) in layout.groups {
      let own = try #require(parameters.shards?.parts[group]?[1])
      try parameters.using(group) {
        for place in range { (parameters.values.floats[place], gradients.floats[place]) = (1, 2) }
      }
      try parameters.collect(group)
      for place in range {
        #expect(parameters.values.floats[place] == (own.contains(place) ? 1 : 0))
        // The other rank's sums are those of one that sends zeros.
        #expect(gradients.floats[place] == (own.contains(place) ? 2 : 0))
      }
    }
  }
}

/// A rank whose others say nothing but zeros.
private final class Absent: Communicator {
  let rank: Int
  let count: Int
  let carrier: String? = nil

  init(rank: Int, of count: Int) { (self.rank, self.count) = (rank, count) }

  func exchange(sending: [Outgoing], receiving: [Incoming]) {
    for message in receiving { message.bytes.initializeMemory(as: UInt8.self, repeating: 0) }
  }

  func abort() -> Never { fatalError("the test ends its ranks") }
  func leave() {}
}
