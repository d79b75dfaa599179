import Datasets
import JSON

/// Any record at all, as long as it is a JSON object.
package struct ObjectRecord: DatasetRecord {
  /// - Throws: `RecordError` for any other kind of value.
  package init(json: JSON, location: RecordLocation) throws(RecordError) {
    guard json.object != nil else { throw RecordError(location, "expected an object, found \(json.kind)") }
  }
}
