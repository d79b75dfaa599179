import HeapModule

/// Byte-pair encoding (Sennrich et al., arXiv 1508.07909) of one piece of text: its characters become tokens, then
/// neighbours merge, best rank first and leftmost first among equals, until no pair is left that merges.
struct BytePairEncoder: Sendable {
  /// Characters that are not in the vocabulary become the tokens of their UTF-8 bytes, written `<0x0A>`.
  let fallsBackToBytes: Bool
  /// The token of characters that are not in the vocabulary; where there is none, such characters are left out.
  let unknown: Int32?
  /// Whether unknown characters in a row become one token.
  private let fusesUnknown: Bool
  /// Whether a piece that is a token is taken as it is, however the merges would make it.
  let ignoresMerges: Bool

  private let vocabulary: Vocabulary
  let merges: MergeTable
  /// The tokens of the code points below U+0800, −1 where there is none.
  private let characters: [Int32]
  /// The tokens `<0x00>` to `<0xFF>`, −1 where there is none.
  private let bytes: [Int32]
  private let byteTokens: Set<Int32>
  /// Where pieces can be cut into words; nil where they are to stay whole.
  private var seams: WordSeams?

  /// Merging a short piece by looking at every pair each time is faster than keeping a heap.
  private static let shortCount = 48

  init(
    vocabulary: Vocabulary, merges: MergeTable, unknown: Int32?, fusesUnknown: Bool, fallsBackToBytes: Bool,
    ignoresMerges: Bool = false
  ) {
    self.vocabulary = vocabulary
    self.merges = merges
    self.unknown = unknown
    self.fusesUnknown = fusesUnknown
    self.fallsBackToBytes = fallsBackToBytes
    self.ignoresMerges = ignoresMerges
    characters = (0..<0x800).map { (value: UInt32) in
      Unicode.Scalar(value).flatMap { vocabulary.id(of: String($0)) } ?? -1
    }
    bytes = (0..<256).map { vocabulary.id(of: Self.byteToken(UInt8($0))) ?? -1 }
    byteTokens = Set(bytes).subtracting([-1])
    seams = ignoresMerges ? nil : wordSeams()
  }

  private func wordSeams() -> WordSeams {
    // Whether characters that are not in the vocabulary become tokens that no merge knows.
    let bytesStayApart =
      fallsBackToBytes && !bytes.contains(-1)
      && !merges.pairs.contains { byteTokens.contains($0.left) || byteTokens.contains($0.right) }
    var seams = WordSeams { scalar in
      !bytesStayApart && scalar.flatMap { vocabulary.id(of: String($0)) } == nil
    }
    for (left, right) in merges.pairs {
      guard let left = vocabulary.token(of: left), let right = vocabulary.token(of: right) else { continue }
      seams.join(left.span, right.span)
    }
    return seams
  }

  /// Whether a token stands for one byte of a character that the vocabulary lacks.
  func isByte(_ token: Int32) -> Bool { byteTokens.contains(token) }

  /// How a vocabulary writes the token of a byte.
  static func byteToken(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return digits.count == 1 ? "<0x0\(digits)>" : "<0x\(digits)>"
  }

  /// Appends the tokens of pieces of a text.
  /// - Parameters:
  ///   - spellsBytes: whether the text is still to be spelled as `ByteLevel` does.
  ///   - cache: the tokens of words that came before, of this encoder and with the same `spellsBytes`.
  func encode(
    _ pieces: [Range<Int>], of text: Span<UInt8>, spellsBytes: Bool, remembering cache: WordCache,
    into tokens: inout [Int32]
  ) {
    // Words are looked up several at a time, so that memory is asked for all of them at once.
    var words: [(range: Range<Int>, known: WordCache.Tokens)] = []
    words.reserveCapacity(Self.batchCount)
    for piece in pieces {
      let piece = (start: piece.lowerBound, text: text.extracting(..<piece.upperBound))
      var start = piece.start
      while start < piece.text.count {
        let end = spellsBytes ? piece.text.count : seams?.wordEnd(in: piece.text, from: start) ?? piece.text.count
        words.append((start..<end, known(start..<end, of: text, spellsBytes: spellsBytes, cache)))
        start = end
        if words.count == Self.batchCount {
          append(words, of: text, spellsBytes: spellsBytes, remembering: cache, to: &tokens)
          words.removeAll(keepingCapacity: true)
        }
      }
    }
    append(words, of: text, spellsBytes: spellsBytes, remembering: cache, to: &tokens)
  }

  private static let batchCount = 16

  /// The tokens of a word, as far as they are known.
  @inline(__always)
  private func known(_ word: Range<Int>, of text: Span<UInt8>, spellsBytes: Bool, _ cache: WordCache)
    -> WordCache.Tokens
  {
    // Characters that stand alone, as digits and line breaks do, need no place.
    if word.count == 1, !spellsBytes {
      let token = characters[Int(text[word.lowerBound])]
      return token < 0 ? .unknown : WordCache.Tokens(token)
    }
    return WordCache.word(word, of: text).map { cache[$0] } ?? .unknown
  }

  private func append(
    _ words: [(range: Range<Int>, known: WordCache.Tokens)], of text: Span<UInt8>, spellsBytes: Bool,
    remembering cache: WordCache, to tokens: inout [Int32]
  ) {
    for (range, known) in words {
      if known != .unknown {
        known.append(to: &tokens)
        continue
      }
      let start = tokens.count
      if spellsBytes {
        encode(ByteLevel.spell(text.extracting(range)).span, into: &tokens)
      } else {
        encode(text.extracting(range), into: &tokens)
      }
      if let word = WordCache.word(range, of: text) { cache.insert(word, tokens[start...]) }
    }
  }

  /// Appends the tokens of a word.
  private func encode(_ word: Span<UInt8>, into tokens: inout [Int32]) {
    if ignoresMerges, let token = vocabulary.id(of: word) { return tokens.append(token) }
    let start = tokens.count
    appendCharacters(of: word, to: &tokens)
    if tokens.count - start <= Self.shortCount {
      mergeFew(&tokens, from: start)
    } else {
      mergeMany(&tokens, from: start)
    }
  }

  private func appendCharacters(of word: Span<UInt8>, to tokens: inout [Int32]) {
    var pendingUnknown = false
    var index = 0
    while index < word.count {
      let (scalar, end) = word.scalar(at: index)
      let character = word.extracting(index..<end)
      let token =
        scalar.value < 0x800 ? characters[Int(scalar.value)] : vocabulary.id(of: character) ?? -1
      index = end
      if token >= 0 {
        if pendingUnknown, let unknown { tokens.append(unknown) }
        pendingUnknown = false
        tokens.append(token)
      } else if !appendBytes(of: character, to: &tokens), let unknown {
        if pendingUnknown, !fusesUnknown { tokens.append(unknown) }
        pendingUnknown = true
      }
    }
    if pendingUnknown, let unknown { tokens.append(unknown) }
  }

  /// Appends the tokens of a character's bytes if all of them are in the vocabulary.
  private func appendBytes(of character: Span<UInt8>, to tokens: inout [Int32]) -> Bool {
    guard fallsBackToBytes else { return false }
    for index in character.indices where bytes[Int(character[index])] < 0 { return false }
    for index in character.indices { tokens.append(bytes[Int(character[index])]) }
    return true
  }

  private func mergeFew(_ tokens: inout [Int32], from start: Int) {
    var pairCount = tokens.count - start - 1
    guard pairCount > 0 else { return }
    tokens.withUnsafeMutableBufferPointer { tokens in
      let word = UnsafeMutableBufferPointer(rebasing: tokens[start...])
      withUnsafeTemporaryAllocation(of: MergeTable.Merge.self, capacity: pairCount) { pairs in
        for index in 0..<pairCount {
          pairs.initializeElement(at: index, to: merges.merge(word[index], word[index + 1]))
        }
        while pairCount > 0 {
          var best = 0
          for index in 1..<pairCount where MergeTable.rank(pairs[index]) < MergeTable.rank(pairs[best]) { best = index }
          guard pairs[best] != MergeTable.none else { return }
          word[best] = MergeTable.token(pairs[best])
          pairCount -= 1
          for index in best..<pairCount {
            word[index + 1] = word[index + 2]
            pairs[index] = pairs[index + 1]
          }
          if best < pairCount { pairs[best] = merges.merge(word[best], word[best + 1]) }
          if best > 0 { pairs[best - 1] = merges.merge(word[best - 1], word[best]) }
        }
      }
    }
    tokens.removeLast(tokens.count - start - pairCount - 1)
  }

  /// The same for long pieces, in O(n log n): the tokens are a linked list, the pairs wait in a heap, and those that
  /// other merges have changed meanwhile are passed over.
  private func mergeMany(_ tokens: inout [Int32], from start: Int) {
    let count = tokens.count - start
    var next = Array(Int32(1)...Int32(count))
    var previous = Array(Int32(-1)..<Int32(count - 1))
    var waiting: [UInt64] = []
    for index in 0..<count - 1 {
      let merge = merges.merge(tokens[start + index], tokens[start + index + 1])
      if merge != MergeTable.none { waiting.append(MergeTable.rank(merge) << 32 | UInt64(index)) }
    }
    var heap = Heap(waiting)
    waiting = []
    while let first = heap.popMin() {
      let left = Int(first & 0xFFFF_FFFF)
      let right = Int(next[left])
      guard tokens[start + left] >= 0, right < count else { continue }
      let merge = merges.merge(tokens[start + left], tokens[start + right])
      guard merge != MergeTable.none, MergeTable.rank(merge) == first >> 32 else { continue }
      tokens[start + left] = MergeTable.token(merge)
      tokens[start + right] = -1
      let after = Int(next[right])
      next[left] = Int32(after)
      if after < count {
        previous[after] = Int32(left)
        push(left, tokens[start + left], tokens[start + after], to: &heap)
      }
      let before = Int(previous[left])
      if before >= 0 { push(before, tokens[start + before], tokens[start + left], to: &heap) }
    }
    var end = start
    for index in start..<start + count where tokens[index] >= 0 {
      tokens[end] = tokens[index]
      end += 1
    }
    tokens.removeSubrange(end...)
  }

  private func push(_ index: Int, _ left: Int32, _ right: Int32, to heap: inout Heap<UInt64>) {
    let merge = merges.merge(left, right)
    if merge != MergeTable.none { heap.insert(MergeTable.rank(merge) << 32 | UInt64(index)) }
  }
}
