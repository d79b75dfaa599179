import JSON

extension RecordFields {
  /// Refuses an object that holds a whole data set under one of its keys.
  func refuseWrappedRecords() throws(RecordError) {
    for name in ["data", "rows", "records", "examples", "instances"] {
      guard json[name]?.array?.first?.object != nil else { continue }
      throw RecordError(
        location, field: name, "holds the records, all in one object; write them one a line, as jq -c '.\(name)[]' does"
      )
    }
  }
}
