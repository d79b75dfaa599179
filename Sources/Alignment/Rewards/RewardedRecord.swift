import Datasets
import Llama
import Text

/// A record as a reward model reads it: a sequence for each of its answers.
package struct RewardedRecord: Sendable {
  /// What is to be scored; nil where nothing can be.
  package let example: TrainingExample?
  private let reason: SequenceReport.Reason?
  private let remarks: [SequenceReport.Remark]
  private let location: RecordLocation

  /// Reads a pair's two answers, a rating's one, or the answer that a conversation ends with, each up to the token that ends it.
  /// - Throws: `RecordError` where the chat template refuses the record; `AlignmentError` for tokens that the model does not have.
  package init(
    _ record: AnyRecord, _ builder: SequenceBuilder, limits: SequenceBuilder.Limits, endingWith ends: Set<Int32>
  ) throws {
    location = record.location
    var limits = limits
    limits.dropsTruncated = true
    do {
      let whole = try builder.scored(record, endingWith: ends)
      (example, remarks) = try builder.example(whole, location, limits)
      reason = nil
    } catch let leftOut as LeftOut {
      (example, remarks, reason) = (nil, [], leftOut.reason)
    } catch let refusal as TemplateError {
      throw RecordError(location, refusal)
    }
  }

  /// Why nothing can be scored; nil where something can.
  package var whyNot: String? { reason?.text }

  /// Counts what became of the record.
  package func count(in report: inout SequenceReport) {
    report.read += 1
    if let reason { report.leaveOut(reason, location) }
    guard let example else { return }
    report.kept += 1
    report.tokens += example.tokenCount
    report.remark(remarks, location)
  }
}
