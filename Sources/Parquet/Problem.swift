/// What is wrong with some bytes; whoever knows file and column makes a `ParquetError` of it.
struct Problem: Error, Equatable {
  let text: String

  init(_ text: String) { self.text = text }
}
