/// How the rows of a published data set become records to train on.
///
/// Where a derivation chooses at random, the choices follow from its seed and from the order of the rows: the same files
/// in the same order give the same records.
package protocol Derivation: Sendable {
  /// Takes the next row and returns what is settled with it: nothing where it waits for rows to come, more than one
  /// outcome where others waited for it.
  /// - Throws: `RecordError` for a row that does not have the published form; the row is as if it had not been there.
  mutating func take(_ row: PublishedRow) throws(RecordError) -> [Outcome]

  /// What the rows that still wait become at the end of the data.
  mutating func finish() -> [Outcome]

  /// What a person should know of rows that were used, by what it is.
  var remarks: [DatasetReport.Tally] { get }
}

extension Derivation {
  package mutating func finish() -> [Outcome] { [] }
  package var remarks: [DatasetReport.Tally] { [] }
}
