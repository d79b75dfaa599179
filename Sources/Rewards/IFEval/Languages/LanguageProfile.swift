import Foundation
import JSON

/// Which runs of one to three characters a language has, as langdetect counted them in a Wikipedia.
struct LanguageProfile: Sendable {
  /// The language's code, which the file is called by.
  let name: String
  /// The share of each run among those of its length.
  let shares: [CharacterRun: Double]

  /// Reads a profile.
  init(_ file: URL) throws(RewardError) {
    let bytes = try LangdetectPackage.bytes(of: file)
    var contents = Contents()
    do throws(JSONError) { try contents.read(bytes) } catch { throw LangdetectPackage.damaged(file, "\(error)") }
    let totals = contents.totals
    let name = file.lastPathComponent
    guard contents.name == name, totals.count == 3, totals.allSatisfy({ $0 > 0 }) else {
      throw LangdetectPackage.damaged(file, "it needs its own 'name', and three whole numbers above 0 in 'n_words'")
    }
    var shares: [CharacterRun: Double] = [:]
    shares.reserveCapacity(contents.counts.count)
    for (text, count) in contents.counts {
      let length = text.unicodeScalars.count
      guard 1...3 ~= length, let count, 0...totals[length - 1] ~= count else {
        throw LangdetectPackage.damaged(
          file, "'freq' has something else than counts of one to three characters, each at most what 'n_words' says")
      }
      shares[CharacterRun(text.unicodeScalars)] = Double(count) / Double(totals[length - 1])
    }
    (self.name, self.shares) = (name, shares)
  }

  /// What stands in a profile.
  private struct Contents {
    var name: String?
    var totals: [Int] = []
    var counts: [(text: String, count: Int?)] = []

    mutating func read(_ bytes: [UInt8]) throws(JSONError) {
      let result = bytes.withUnsafeBytes { bytes in
        Result { () throws(JSONError) in
          var found = Contents()
          var parser = JSONParser(bytes: bytes.bindMemory(to: UInt8.self))
          try parser.members { (key, parser) throws(JSONError) in
            switch key {
            case "freq":
              try parser.members { (text, parser) throws(JSONError) in
                found.counts.append((text, try parser.value().int))
              }
            case "n_words": found.totals = try parser.value().array?.compactMap(\.int) ?? []
            case "name": found.name = try parser.value().string
            default: _ = try parser.value()
            }
          }
          try parser.end()
          return found
        }
      }
      self = try result.get()
    }
  }
}

/// One to three characters in a row.
struct CharacterRun: Hashable, Sendable {
  private let packed: UInt64

  /// Of 21 bits each; none is 0, so that lengths keep apart.
  init(_ characters: some Sequence<Unicode.Scalar>) {
    packed = characters.reduce(0) { $0 << 21 | UInt64($1.value + 1) }
  }
}
