import Dispatch
import JSON
import Synchronization
import Testing
import Text

/// What is remembered of words, and how texts are cut into them, changes no token.
@Suite struct WordCacheTests {
  @Test func remembersOnlySoMuch() {
    let cache = WordCache()
    let count = 2 * WordCache.count
    for number in 0..<count { cache.insert(Self.word("w\(number)"), [Int32(number), 1 << 24, 0]) }
    var found = 0
    for number in 0..<count {
      let known = cache[Self.word("w\(number)")]
      if known == .unknown { continue }
      found += 1
      var tokens: [Int32] = [7]
      known.append(to: &tokens)
      #expect(tokens == [7, Int32(number), 1 << 24, 0])
    }
    #expect(found > WordCache.count / 2 && found <= WordCache.count)
  }

  @Test func keepsWordsApart() throws {
    let cache = WordCache()
    let words = ["a", "a\0", "\0a", "a\0\0", "aaaaaaaa", "aaaaaaaaa", "aaaaaaaaaaaaaa\0", "aaaaaaaaaaaaaaa"]
    for (index, word) in words.enumerated() {
      cache.insert(Self.word(word), [Int32](repeating: Int32(index), count: index % 6)[...])
    }
    for (index, word) in words.enumerated() {
      var tokens: [Int32] = []
      cache[Self.word(word)].append(to: &tokens)
      #expect(tokens == [Int32](repeating: Int32(index), count: index % 6), "\(word.debugDescription)")
    }
    cache.insert(Self.word("b"), [1, 2, 3, 4, 5, 6])
    #expect(cache[Self.word("b")] == .unknown)
    let long = Array("abcdefghijklmnop".utf8)
    #expect(WordCache.word(0..<16, of: long.span) == nil)
    // The same word, whatever stands around it.
    #expect(WordCache.word(0..<1, of: long.span) == WordCache.word(0..<1, of: [0x61].span))
  }

  private static func word(_ text: String) -> WordCache.Word {
    let bytes = Array(text.utf8)
    return WordCache.word(0..<bytes.count, of: bytes.span) ?? 0
  }

  /// Texts come in any order, again and again, from several threads.
  @Test(arguments: PipelineTests.pipelines) func agreesWithReferenceFromManyThreads(pipeline: String) throws {
    let fixture = try Fixtures.json("\(pipeline).json")
    let tokenizer = try PipelineTests.tokenizer(fixture)
    let texts = try #require(Fixtures.json("texts.json").array).compactMap(\.string)
    let ids = try #require(fixture["ids"]?.array).map { $0.array?.compactMap { $0.int.map(Int32.init) } }
    let wrong = Mutex<Set<String>>([])
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      for index in texts.indices.shuffled() + texts.indices.shuffled()
      where tokenizer.encode(texts[index]) != ids[index] {
        wrong.withLock { _ = $0.insert(texts[index]) }
      }
    }
    #expect(wrong.withLock(\.self) == [])
  }

  /// Vocabularies that no training would give: merges across words, of byte tokens, of what is left out, of all with all.
  @Test(arguments: 0..<50) func agreesWithPlainMerging(seed: UInt64) throws {
    var chance = Chance(state: seed)
    let model = PlainModel(using: &chance)
    let tokenizer = try Fixtures.tokenizer(["tokenizer.json": model.file])
    for _ in 0..<60 {
      let text = model.text(using: &chance)
      let expected = model.encode(text)
      try #require(tokenizer.encode(text) == expected, "\(text.debugDescription) by \(model.file)")
      try #require(tokenizer.encode(text) == expected)
    }
  }
}

/// A small random vocabulary, and byte-pair encoding by the book: the whole text at once, pair after pair.
private struct PlainModel {
  private static let characters = ["a", "b", "▁", ".", "\n", "\0", "é", "漢", "1"]
  private var tokens: [String] = ["<unk>"]
  private var merges: [(left: String, right: String)] = []
  private var (fallsBack, fuses, hasUnknown) = (false, false, false)

  init(using chance: inout Chance) {
    (fallsBack, fuses, hasUnknown) = (.random(using: &chance), .random(using: &chance), .random(using: &chance))
    let bytes = (UInt8.min...UInt8.max).map(Self.byte)
    let all = Bool.random(using: &chance)
    tokens += Self.characters.filter { _ in all || Int.random(in: 0..<5, using: &chance) > 0 }
    tokens += bytes.filter { _ in all || Bool.random(using: &chance) }
    for _ in 0..<Int.random(in: 0..<20, using: &chance) {
      guard let left = tokens.dropFirst().randomElement(using: &chance),
        let right = tokens.dropFirst().randomElement(using: &chance),
        !merges.contains(where: { $0 == (left, right) })
      else { continue }
      // Where bytes merge, there is no cutting; so they seldom do.
      if (left + right).contains("<"), Int.random(in: 0..<8, using: &chance) > 0 { continue }
      merges.append((left, right))
      if !tokens.contains(left + right) { tokens.append(left + right) }
    }
  }

  /// A tokenizer.json.
  var file: String {
    let vocabulary = tokens.enumerated().map { "\(JSON.string($1).text): \($0)" }.joined(separator: ", ")
    let merges = merges.map { "[\(JSON.string($0).text), \(JSON.string($1).text)]" }.joined(separator: ", ")
    return """
      {"normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
       "model": {"type": "BPE", "byte_fallback": \(fallsBack), "fuse_unk": \(fuses),
       \(hasUnknown ? #""unk_token": "<unk>","# : "") "vocab": {\(vocabulary)}, "merges": [\(merges)]}}
      """
  }

  func text(using chance: inout Chance) -> String {
    let characters = Self.characters + [" ", "a", "b"]
    return (0..<Int.random(in: 0..<40, using: &chance)).map { _ in
      characters.randomElement(using: &chance) ?? ""
    }.joined()
  }

  func encode(_ text: String) -> [Int32] {
    var pieces: [Int] = []
    // An unknown character's token waits for the next that is not written in bytes, as in the reference.
    var waits = false
    for scalar in text.replacing(" ", with: "▁").unicodeScalars {
      let bytes = String(scalar).utf8.map { id(of: Self.byte($0)) }
      if let token = id(of: String(scalar)) {
        pieces += waits ? [0, token] : [token]
        waits = false
      } else if fallsBack, bytes.allSatisfy({ $0 != nil }) {
        pieces += bytes.compactMap(\.self)
      } else if hasUnknown {
        if waits, !fuses { pieces.append(0) }
        waits = true
      }
    }
    if waits { pieces.append(0) }
    while true {
      let ranks = zip(pieces, pieces.dropFirst()).map { left, right in
        merges.firstIndex { $0 == (tokens[left], tokens[right]) } ?? .max
      }
      guard let best = ranks.min(), best != .max, let index = ranks.firstIndex(of: best) else { break }
      pieces[index] = id(of: merges[best].left + merges[best].right) ?? 0
      pieces.remove(at: index + 1)
    }
    return pieces.map(Int32.init)
  }

  private static func byte(_ byte: UInt8) -> String {
    "<0x\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))>"
  }

  private func id(of text: String) -> Int? { tokens.firstIndex { $0.utf8.elementsEqual(text.utf8) } }
}

/// SplitMix64.
private struct Chance: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
