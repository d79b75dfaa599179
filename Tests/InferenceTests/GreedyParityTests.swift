import Inference
import ModelFiles
import TestSupport
import Testing

/// Greedy answers against transformers' `generate`, token for token.
@Suite struct GreedyParityTests {
  @Test(arguments: Fixture.names) func tinyModels(name: String) throws {
    let fixture = try Fixture(name)
    let model = try InferenceModel(fixture.folder)
    #expect(fixture.cases.count == 5)
    for one in fixture.cases { #expect(try ContinuousBatch(model: model).complete([one.request]) == [one.answer]) }
  }

  @Test(.enabled(if: Checkout.hasStories, "no shared/real/stories260K beside the package"))
  func stories() throws {
    let model = try InferenceModel(ModelFolder(Checkout.stories))
    let cases = try Fixture.cases("stories260K.json")
    #expect(cases.count == 5)
    for one in cases { #expect(try ContinuousBatch(model: model).complete([one.request]) == [one.answer]) }
    let together = try ContinuousBatch(model: model).complete(cases.map(\.request))
    #expect(together == cases.map(\.answer))
  }
}
