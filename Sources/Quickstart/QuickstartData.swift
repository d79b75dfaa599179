import Datasets
import Text

/// The quickstart's data: the same for the same seed, on every machine.
public enum QuickstartData {
  /// Training questions, each with four candidate answers and their scores.
  public static func records(count: Int, seed: UInt64) -> [ShopRecord] {
    var generator = SplitMix64(seed: seed)
    return (0..<max(0, count)).map { _ in
      let question = ShopQuestion(heldOut: false, using: &generator)
      return ShopRecord(question: question, using: &generator)
    }
  }

  /// Questions about things that no training question speaks of.
  public static func heldOutQuestions(count: Int, seed: UInt64) -> [ShopQuestion] {
    var generator = SplitMix64(seed: seed)
    return (0..<max(0, count)).map { _ in ShopQuestion(heldOut: true, using: &generator) }
  }

  /// Conversations for supervised fine-tuning: each question with each of its answers, good and bad.
  public static func conversations(of records: [ShopRecord]) -> [Conversation] {
    records.enumerated().flatMap { index, record in
      record.completions.map { completion in
        Conversation(
          messages: [
            Message(role: "user", content: record.question.text),
            Message(role: "assistant", content: completion.response),
          ],
          location: RecordLocation(file: "quickstart", line: index + 1))
      }
    }
  }
}
