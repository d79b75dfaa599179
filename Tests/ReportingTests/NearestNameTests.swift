import Reporting
import Testing

@Suite struct NearestNameTests {
  static let names = ["data", "epochs", "beta", "batch-size", "learning-rate", "loss", "adam-beta1", "adam-beta2"]

  @Test(arguments: [
    ("learning-rat", "learning-rate"), ("laerning-rate", "learning-rate"), ("lerning-rats", "learning-rate"),
    ("epoch", "epochs"), ("bata", "data"), ("ebta", "beta"), ("adam-beta", "adam-beta1"), ("loss", "loss"),
    ("rate", nil), ("", nil), ("xyz", nil), (String(repeating: "a", count: 1_000_000), nil),
  ])
  func findsTheName(typed: String, meant: String?) {
    #expect(nearestName(typed, among: Self.names) == meant)
  }
}
