import Testing
import Training

/// What epochs take of sources with weights, and in which order.
@Suite struct MixtureTests {
  private static let mixture = Mixture(
    [.init(count: 10, weight: 2), .init(count: 40, weight: 0.5), .init(count: 7, weight: 1.25)], seed: 3)

  private static func times(_ places: [Int]) -> [Int] {
    var times = [Int](repeating: 0, count: 57)
    for place in places { times[place] += 1 }
    return times
  }

  @Test(arguments: [0, 1, 17]) func eachEpochTakesWhatTheWeightsSay(epoch: Int) {
    let times = Self.times(Self.mixture.places(epoch: epoch))
    #expect(times[..<10].allSatisfy { $0 == 2 })
    #expect(times[10..<50].count { $0 == 1 } == 20 && times[10..<50].count { $0 == 0 } == 20)
    #expect(times[50...].reduce(0, +) == 9 && times[50...].allSatisfy { $0 == 1 || $0 == 2 })
    #expect(Self.mixture.drawnCount == 49)
    #expect(Self.mixture.places(epoch: epoch) == Self.mixture.places(epoch: epoch))
  }

  /// Over many epochs every example has its turn, each about as often as the others of its source.
  @Test func drawsAreNewInEachEpochAndFair() {
    #expect(Self.mixture.places(epoch: 0) != Self.mixture.places(epoch: 1))
    let times = Self.times((0..<400).flatMap(Self.mixture.places))
    #expect(times[10..<50].allSatisfy { (150...250).contains($0) })
  }

  @Test func weightsOfOneAreThePlainOrder() {
    let mixture = Mixture([.init(count: 11, weight: 1), .init(count: 9, weight: 1)], seed: 5)
    for seed in [nil, 7] as [UInt64?] {
      let (mixed, plain) = (
        EpochOrder(mixture, batchSize: 6, seed: seed), EpochOrder(count: 20, batchSize: 6, seed: seed)
      )
      for epoch in 0..<3 { #expect(mixed.batches(epoch: epoch) == plain.batches(epoch: epoch)) }
      #expect(mixed.batches(covering: 12) == plain.batches(covering: 12))
    }
  }

  @Test(arguments: [1, 7, 8, 30, 1000]) func batchesCoverWhatARunVisits(steps: Int) {
    let order = EpochOrder(Self.mixture, batchSize: 7, seed: 1)
    let covering = order.batches(covering: steps)
    #expect(covering.starts(with: order.batches(epoch: 0)))
    let visited = (0..<steps).flatMap { step in
      order.batches(epoch: step / order.batchesPerEpoch)[step % order.batchesPerEpoch]
    }
    #expect(Set(visited).isSubset(of: covering.joined()))
    // What later epochs add is scored once.
    let rest = covering.dropFirst(order.batchesPerEpoch).flatMap(\.self)
    #expect(Set(rest).count == rest.count && Set(rest).isDisjoint(with: order.batches(epoch: 0).joined()))
  }
}
