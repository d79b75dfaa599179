import Datasets
import Testing

@Suite struct HeldOutSplitTests {
  /// A hundred records with thirty prompts between them.
  private let records = (0..<100).map { (prompt: $0 * 7 % 30, id: $0) }

  @Test func noPromptIsOnBothSides() {
    let (kept, heldOut) = HeldOutSplit.split(records, share: 0.2, seed: 1) { $0.prompt }
    #expect(Set(kept.map(\.prompt)).isDisjoint(with: heldOut.map(\.prompt)))
    #expect((kept + heldOut).map(\.id).sorted() == Array(0..<100))
    #expect((15...20).contains(heldOut.count))
  }

  @Test func theSeedDecides() {
    func heldOut(_ seed: UInt64) -> [Int] {
      HeldOutSplit.split(records, share: 0.2, seed: seed) { $0.prompt }.heldOut.map(\.id)
    }
    #expect(heldOut(1) == heldOut(1))
    #expect(heldOut(1) != heldOut(2))
  }

  @Test func orderStaysThatOfTheRecords() {
    let (kept, heldOut) = HeldOutSplit.split(records, share: 0.5, seed: 3) { $0.prompt }
    #expect(kept.map(\.id) == kept.map(\.id).sorted())
    #expect(heldOut.map(\.id) == heldOut.map(\.id).sorted())
  }
}
