import DataShaping
import Datasets
import Testing

/// Which records are held out, taken, and in what order.
@Suite struct SelectionTests {
  @Test func noPromptIsOnBothSides() {
    var prompts = HeldOutPrompts()
    let keys = (0..<1000).map { UInt64($0 * 7 % 300) }
    for key in keys { prompts.add(key) }
    let choice = prompts.choose(100, seed: 1)
    let (heldOut, kept) = (zip(keys, choice).filter(\.1), zip(keys, choice).filter { !$0.1 })
    #expect(Set(heldOut.map(\.0)).isDisjoint(with: kept.map(\.0)))
    #expect((97...100).contains(heldOut.count))
    #expect(prompts.choose(100, seed: 1) == choice)
    #expect(prompts.choose(100, seed: 2) != choice)
  }

  @Test func theOrderOfTheRecordsChangesNothing() {
    let keys = (0..<500).map { UInt64($0 % 200) }
    func heldOut(_ keys: [UInt64]) -> Set<UInt64> {
      var prompts = HeldOutPrompts()
      for key in keys { prompts.add(key) }
      return Set(zip(keys, prompts.choose(50, seed: 3)).filter(\.1).map(\.0))
    }
    #expect(heldOut(keys) == heldOut(keys.reversed()))
  }

  @Test func weightsTakeAsMuchAsTheSmallestAllows() throws {
    let sources = [
      MixPlan.Source(name: "a", count: 1000, weight: 0.7), MixPlan.Source(name: "b", count: 90, weight: 0.3),
      MixPlan.Source(name: "c", count: 5),
    ]
    #expect(try MixPlan(sources).taken == [210, 90, 5])
    #expect(try MixPlan(sources, total: 100).taken == [70, 30, 5])
    #expect(throws: MixError(name: "b", wanted: 300, count: 90)) { try MixPlan(sources, total: 1000) }
    #expect(try MixPlan(sources, total: 1000, repeating: true).taken == [700, 300, 5])
    #expect(throws: MixError(name: "d", wanted: 6, count: 5)) {
      try MixPlan([MixPlan.Source(name: "d", count: 5, take: 6)])
    }
  }

  @Test(arguments: [0, 1, 37, 100, 250]) func exactlySoManyAreChosen(wanted: Int) {
    var selection = RandomSelection(wanted, of: 100, seed: 5)
    let times = (0..<100).map { _ in selection.next() }
    #expect(times.reduce(0, +) == wanted)
    #expect(Set(times).count <= 2)
  }

  /// In memory, and in many stretches.
  @Test(arguments: [0, 200 << 20]) func shufflesEveryLineOnce(size: Int) throws {
    func shuffled(seed: UInt64) throws -> [String] {
      let lines = try ShuffledLines(count: 1000, size: size, seed: seed)
      for number in 0..<1000 { try lines.add(Array("line \(number)".utf8)[...]) }
      var texts: [String] = []
      try lines.forEach { texts.append(String(decoding: $0, as: UTF8.self)) }
      return texts
    }
    let texts = try shuffled(seed: 1)
    let inOrder = (0..<1000).map { "line \($0)" }
    #expect(Set(texts) == Set(inOrder) && texts.count == 1000 && texts != inOrder)
    #expect(try shuffled(seed: 1) == texts)
    #expect(try shuffled(seed: 2) != texts)
  }
}
