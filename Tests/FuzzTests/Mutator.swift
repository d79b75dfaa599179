/// Changes bytes at random, the same way in each run (S. Vigna's SplitMix64).
struct Mutator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// What readers are known to stumble over.
  private static let words: [[UInt8]] = [
    [0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [0, 0, 0, 0, 0, 0, 0, 0x80], [0x80], [0],
    Array("-9223372036854775808".utf8), Array("1e999".utf8), Array("\"".utf8), Array("{{".utf8), Array("%}".utf8),
    Array("\\ud800".utf8), Array(String(repeating: "\u{301}\u{316}", count: 2000).utf8),
    Array(String(repeating: "[", count: 2000).utf8), Array(String(repeating: "{\"a\":", count: 600).utf8),
    Array(String(repeating: "(", count: 2000).utf8), Array("**200".utf8), Array("*9999999999".utf8),
    Array("&a *a ".utf8),
  ]

  mutating func number(below bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return Int((value ^ value >> 31) % UInt64(max(bound, 1)))
  }

  /// One of the seeds with a few changes.
  mutating func changed(_ seeds: [[UInt8]]) -> [UInt8] {
    var bytes = seeds[number(below: seeds.count)]
    for _ in 0...number(below: 5) {
      // Half of the changes hit the end, where some formats have their directory.
      let start = number(below: 2) == 0 ? 0 : bytes.count * 3 / 4
      let place = min(bytes.count, start + number(below: bytes.count - start + 1))
      let end = min(bytes.count, place + number(below: 16))
      switch number(below: 7) {
      case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8(number(below: 8))
      case 1 where place < bytes.count: bytes[place] = UInt8(number(below: 256))
      case 2: bytes.replaceSubrange(place..<end, with: Self.words[number(below: Self.words.count)])
      case 3: bytes.insert(contentsOf: Self.words[number(below: Self.words.count)], at: place)
      case 4: bytes.insert(contentsOf: bytes[place..<end], at: place)
      case 5: bytes.removeSubrange(place..<end)
      default:
        let other = seeds[number(below: seeds.count)]
        let from = number(below: other.count + 1)
        bytes.insert(contentsOf: other[from...].prefix(number(below: 64)), at: place)
      }
    }
    return number(below: 16) == 0 ? Array(bytes.prefix(number(below: bytes.count + 1))) : bytes
  }
}
