/// The definition or repetition levels of a page: how many of the optional and repeated fields on the way to a value
/// are there, and which of the repeated ones goes on.
enum Levels {
  /// A column without such fields: all levels are 0.
  case none
  case runs(Runs)
  /// The encoding of before 2013, from the highest bit of the first byte on.
  case packed(UnsafeRawBufferPointer, width: Int, bit: Int)

  /// Takes a page's levels from its front (layout of data pages of version 1).
  init(_ cursor: inout ByteCursor, maximum: Int, encoding: Int, count: Int) throws(Problem) {
    let width = Self.width(maximum)
    guard width > 0 else {
      self = .none
      return
    }
    switch try Encoding.numbered(encoding) {
    case .runs:
      let length = Int(try cursor.number(UInt32.self))
      self = .runs(try Runs(try cursor.take(length), width: width))
    case .bitPacked:
      let (bits, isTooLarge) = count.multipliedReportingOverflow(by: width)
      guard !isTooLarge, bits <= Int.max - 7 else { throw Problem("a page has too many values") }
      self = .packed(try cursor.take((bits + 7) / 8), width: width, bit: 0)
    case let other: throw Problem("levels are encoded as \(other), which is not allowed")
    }
  }

  /// The levels in `bytes`, as runs without a length before them (layout of data pages of version 2).
  init(_ bytes: UnsafeRawBufferPointer, maximum: Int) throws(Problem) {
    let width = Self.width(maximum)
    self = width == 0 ? .none : .runs(try Runs(bytes, width: width))
  }

  mutating func next(maximum: UInt8) throws(Problem) -> UInt8 {
    let level: UInt32
    switch self {
    case .none: return 0
    case .runs(var runs):
      // The payload is taken out, changed and put back.
      level = try runs.next()
      self = .runs(runs)
    case .packed(let bytes, let width, let bit):
      guard bit + width <= bytes.count * 8 else { throw Problem("the data end too early") }
      level = (bit..<bit + width).reduce(0) { $0 << 1 | UInt32(bytes[$1 >> 3] >> UInt8(7 - $1 & 7) & 1) }
      self = .packed(bytes, width: width, bit: bit + width)
    }
    guard level <= maximum else { throw Problem("level \(level) is more than the schema's \(maximum)") }
    return UInt8(level)
  }

  private static func width(_ maximum: Int) -> Int { Int.bitWidth - maximum.leadingZeroBitCount }
}
