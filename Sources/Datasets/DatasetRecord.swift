import JSON

/// A kind of record that a line of a dataset can hold.
public protocol DatasetRecord: Sendable {
  /// Reads the record from a line's JSON. Columns that it does not know are ignored.
  /// - Throws: `RecordError`, naming the field, what was expected and what stood there.
  init(json: JSON, location: RecordLocation) throws(RecordError)

  /// The fields that it reads, each a path of names as in the JSON; nil for all. Files that keep their columns apart
  /// are spared reading others.
  static var fields: [[String]]? { get }

  /// Something odd but allowed, worth counting for the user; the same text for each record that has it.
  var remark: String? { get }
}

extension DatasetRecord {
  /// All fields, unless the kind of record says otherwise.
  public static var fields: [[String]]? { nil }

  /// Nothing odd, unless the kind of record says otherwise.
  public var remark: String? { nil }
}
