import Text

extension Message {
  /// Whether both are the same to the byte. `==` on strings would also hold for two spellings of an accented letter,
  /// which tokenize differently.
  func isIdentical(to other: Message) -> Bool {
    guard role.isIdenticalText(to: other.role), content.isIdenticalText(to: other.content) else { return false }
    if fields == nil, other.fields == nil { return true }
    return json.text.isIdenticalText(to: other.json.text)
  }
}

extension String {
  /// Whether both hold the same bytes.
  func isIdenticalText(to other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
