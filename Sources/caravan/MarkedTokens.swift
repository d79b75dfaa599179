import Foundation
import Llama
import Text

/// The tokens of a sequence as a person reads them, with brackets around those that are scored, and their weight behind where it is
/// not 1.
struct MarkedTokens {
  /// One line.
  private(set) var text = ""
  /// Bytes that may be the beginning of a character.
  private var pending: [UInt8] = []

  /// A character whose bytes are spread over tokens stands with the last of them; where a bracket comes between, its bytes
  /// are shown one by one.
  /// - Parameter weights: one for each scored token but the sequence's first; nil where all count alike.
  init(_ sequence: TokenSequence, weights: [Double]?, _ tokenizer: Tokenizer) {
    // The weight of the bracket that is open.
    var open: Double?
    var left = weights?[...] ?? []
    for (index, (token, isScored)) in zip(sequence.tokens, sequence.isScored).enumerated() {
      let weight = isScored ? (index > 0 ? left.popFirst() : left.first) ?? 1 : nil
      if weight != open {
        close(open)
        if weight != nil { text += "[" } else if text.last != "]" { text += "·" }
      } else if index > 0 {
        text += "·"
      }
      open = weight
      show(tokenizer.textBytes(of: token))
    }
    close(open)
  }

  private mutating func close(_ weight: Double?) {
    showPending()
    guard let weight else { return }
    text += weight == 1 ? "]" : "]×" + String(format: "%g", weight)
  }

  private mutating func show(_ bytes: [UInt8]) {
    pending += bytes
    let whole = pending.count - pending.unfinishedCount
    text += Self.visible(String(decoding: pending[..<whole], as: UTF8.self))
    pending.removeFirst(whole)
  }

  private mutating func showPending() {
    for byte in pending { text += "<0x" + String(byte, radix: 16, uppercase: true) + ">" }
    pending = []
  }

  /// Text on one line: line breaks and other control characters escaped.
  private static func visible(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { line, scalar in
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: line += scalar.escaped(asASCII: true)
      default: line.unicodeScalars.append(scalar)
      }
    }
  }
}

extension [UInt8] {
  /// How many bytes at the end may be the beginning of a character that goes on.
  fileprivate var unfinishedCount: Int {
    for length in 1...3 where length <= count {
      let byte = self[count - length]
      if byte & 0xC0 == 0x80 { continue }
      let needed = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
      return needed > length ? length : 0
    }
    return 0
  }
}
