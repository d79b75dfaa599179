/// The order of a query or key projection's rows in GGUF files of architecture `llama`.
///
/// Hugging Face rotates the numbers i and i + D/2 of a head of D together, llama.cpp those that are neighbours, 2i and
/// 2i + 1, as Meta's own weights have them. The halves of each head are interleaved, so that either finds its pairs.
package struct HeadRows: Sendable {
  package let headSize: Int

  /// The order of heads of this size.
  package init(headSize: Int) { self.headSize = headSize }

  /// The row of the source that is `row` of the file.
  package func source(of row: Int) -> Int {
    let (head, place) = row.quotientAndRemainder(dividingBy: headSize)
    return head * headSize + place / 2 + (place % 2) * (headSize / 2)
  }
}
