import Inference
import Testing

struct LoadingTests {
  @Test(arguments: WeightFormat.allCases) func progressGoesOnUntilAllIsRead(format: WeightFormat) throws {
    let folder = try Fixture("plain").folder
    let sizes = try folder.openWeights().tensors.values.map(\.byteCount)
    var seen: [Int] = []
    var totals: Set<Int> = []
    _ = try InferenceModel(folder, format: format) { read, total in
      seen.append(read)
      totals.insert(total)
    }
    #expect(totals == [sizes.reduce(0, +)])
    #expect(seen.count > 2 && seen == seen.sorted() && seen.last == sizes.reduce(0, +))
  }
}
