/// How a page's values are written, by its number in parquet.thrift.
enum Encoding: Int {
  case plain = 0
  case plainDictionary = 2
  case runs = 3
  case bitPacked = 4
  case deltaBinaryPacked = 5
  case deltaLengthByteArray = 6
  case deltaByteArray = 7
  case dictionary = 8
  case byteStreamSplit = 9

  /// The encoding with that number.
  static func numbered(_ code: Int) throws(Problem) -> Encoding {
    guard let encoding = Encoding(rawValue: code) else { throw Problem("encoding \(code) is unknown") }
    return encoding
  }
}
