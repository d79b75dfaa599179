import JSON

/// Decodes a page's values one after the other.
protocol PageValues {
  /// The next value, as JSON of what the column means.
  mutating func next(_ leaf: LeafType) throws(Problem) -> JSON
}

extension LeafType {
  /// The decoder of a page whose values are written in an encoding other than a dictionary.
  func values(_ bytes: UnsafeRawBufferPointer, _ encoding: Encoding) throws(Problem) -> any PageValues {
    switch (encoding, physical) {
    case (.plain, _): return PlainValues(bytes)
    case (.runs, .boolean): return try BooleanRuns(bytes)
    case (.deltaBinaryPacked, .int32), (.deltaBinaryPacked, .int64): return try DeltaIntegers(bytes)
    case (.deltaLengthByteArray, .byteArray): return try DeltaLengthBytes(bytes)
    case (.deltaByteArray, .byteArray), (.deltaByteArray, .fixedLengthByteArray): return try DeltaBytes(bytes)
    case (.byteStreamSplit, .int32), (.byteStreamSplit, .int64), (.byteStreamSplit, .float),
      (.byteStreamSplit, .double), (.byteStreamSplit, .fixedLengthByteArray):
      return try SplitBytes(bytes, width: width)
    default: throw Problem("values of type \(physical) are encoded as \(encoding), which is not allowed")
    }
  }
}
