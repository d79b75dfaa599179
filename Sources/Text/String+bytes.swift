extension String {
  /// Whether the bytes of a text occur in this one. Characters are not compared: that two spellings of an accented letter are
  /// the same character to Swift does not make them the same to a tokenizer.
  package func holdsBytes(of text: String) -> Bool { Array(utf8).firstOffset(of: Array(text.utf8)) != nil }
}

extension Array<UInt8> {
  /// Where other bytes occur first, in linear time (Knuth, Morris and Pratt 1977); nil where they do not.
  package func firstOffset(of sought: [UInt8], from start: Int = 0) -> Int? {
    guard !sought.isEmpty else { return start }
    guard sought.count <= count - start else { return nil }
    // For each beginning of what is sought, how much of it stands at its end again.
    var overlaps = [Int](repeating: 0, count: sought.count)
    var matched = 0
    for index in sought.indices.dropFirst() {
      while matched > 0, sought[index] != sought[matched] { matched = overlaps[matched - 1] }
      if sought[index] == sought[matched] { matched += 1 }
      overlaps[index] = matched
    }
    matched = 0
    for index in start..<count {
      while matched > 0, self[index] != sought[matched] { matched = overlaps[matched - 1] }
      if self[index] == sought[matched] { matched += 1 }
      if matched == sought.count { return index + 1 - matched }
    }
    return nil
  }
}
