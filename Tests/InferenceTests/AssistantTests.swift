import Inference
import TestSupport
import Testing
import Text

@Suite struct AssistantTests {
  @Test func answersTogetherAreThoseOfEachAlone() throws {
    let assistant = try Assistant(Checkout.tinyModel)
    let questions = ["Hello.", "Who are you, and what can you do?", ""]
    func sampling(_ seed: UInt64) -> SamplingParameters { SamplingParameters(temperature: 1, seed: seed) }
    let together = try assistant.answers(
      questions.map { [Message(role: "user", content: $0)] }, sampling: sampling(.max), maximumTokens: 20)
    let alone = try zip(questions, [.max, 0, 1]).map {
      try assistant.answer($0, sampling: sampling($1), maximumTokens: 20)
    }
    #expect(together == alone)
    #expect(Set(together).count == 3)
  }
}
