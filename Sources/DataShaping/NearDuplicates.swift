import Foundation

/// Finds, for one text after the other, whether one that was kept before is about the same.
///
/// Summaries are cut into bands; texts that agree in all rows of a band are compared (locality-sensitive hashing; Indyk
/// and Motwani, 1998). There are so many bands that a pair at the threshold is compared with a probability of 99.5%.
/// Memory: 128 bytes and four for each band, a text.
package struct NearDuplicates {
  /// How many comparisons were not made, since a text had too many candidates.
  package private(set) var comparisonsLeftOut = 0

  /// How many bands there are, and how many functions in each.
  let bands: Int
  let rows: Int

  private let needed: Int
  private var kept = 0
  private var summaries: [UInt8] = []
  /// For each band and slot the last text in it, numbered from 1; and for each band and text the one before it.
  private var last: [[UInt32]]
  private var previous: [[UInt32]]
  private var slotBits = 10

  /// The most texts of a slot that are compared: more are met only where thousands of texts share their boilerplate.
  private static let maximumCandidates = 1000

  /// - Parameter similarity: the likeness from which on two texts are about the same, between 0.5 and 1.
  package init(similarity: Double) {
    // The longest bands that still find what is at the threshold.
    let plans = (1...16).reversed().map { rows in
      let perBand = pow(similarity, Double(rows))
      return (rows: rows, bands: perBand < 1 ? max(1, Int((log(0.005) / log(1 - perBand)).rounded(.up))) : 1)
    }
    (rows, bands) = plans.first { $0.rows * $0.bands <= MinHash.count } ?? (1, MinHash.count)
    needed = (0...MinHash.count).first { MinHash.similarity(agreeing: $0) >= similarity } ?? MinHash.count
    last = Array(repeating: Array(repeating: 0, count: 1 << slotBits), count: bands)
    previous = Array(repeating: [], count: bands)
  }

  /// Keeps a text, unless one that was kept is about the same.
  /// - Returns: whether the text was kept.
  package mutating func keep(_ text: MinHash) -> Bool {
    guard !resemblesKept(text.bytes), kept < Int(UInt32.max) else { return false }
    summaries += text.bytes
    kept += 1
    if kept > 1 << slotBits { growTables() }
    for band in 0..<bands { link(text: kept, in: band, previousAt: nil) }
    return true
  }

  private mutating func resemblesKept(_ bytes: [UInt8]) -> Bool {
    for band in 0..<bands {
      let key = key(of: bytes[band * rows..<(band + 1) * rows])
      var candidate = Int(last[band][slot(key)])
      var compared = 0
      while candidate > 0 {
        guard compared < Self.maximumCandidates else {
          comparisonsLeftOut += 1
          break
        }
        if agreeing(bytes, candidate) >= needed { return true }
        compared += 1
        candidate = Int(previous[band][candidate - 1])
      }
    }
    return false
  }

  private func agreeing(_ bytes: [UInt8], _ text: Int) -> Int {
    let start = (text - 1) * MinHash.count
    return bytes.withUnsafeBufferPointer { bytes in
      summaries.withUnsafeBufferPointer { summaries in
        var count: UInt8 = 0
        for index in 0..<MinHash.count { count &+= bytes[index] == summaries[start + index] ? 1 : 0 }
        return Int(count)
      }
    }
  }

  private mutating func link(text: Int, in band: Int, previousAt index: Int?) {
    let start = (text - 1) * MinHash.count + band * rows
    let slot = slot(key(of: summaries[start..<start + rows]))
    if let index { previous[band][index] = last[band][slot] } else { previous[band].append(last[band][slot]) }
    last[band][slot] = UInt32(text)
  }

  private mutating func growTables() {
    slotBits += 1
    for band in 0..<bands {
      last[band] = Array(repeating: 0, count: 1 << slotBits)
      for text in 1..<kept { link(text: text, in: band, previousAt: text - 1) }
    }
  }

  private func key(of rows: ArraySlice<UInt8>) -> UInt64 { rows.reduce(0) { ($0 &* 257 &+ UInt64($1)) }.mixed }
  private func slot(_ key: UInt64) -> Int { Int(key >> UInt64(64 - slotBits)) }
}
