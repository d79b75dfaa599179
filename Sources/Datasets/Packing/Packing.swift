/// What a file may be packed with.
enum Packing: CaseIterable {
  case gzip, zstandard, bzip2, xz

  /// The packing that the first bytes tell; nil for another content.
  init?(_ start: some Sequence<UInt8>) {
    guard let packing = Self.allCases.first(where: { start.starts(with: $0.magic) }) else { return nil }
    self = packing
  }

  /// The packing that the end of a name asks for.
  init?(path: String) {
    guard let packing = Self.allCases.first(where: { path.hasSuffix($0.ending) }) else { return nil }
    self = packing
  }

  /// How messages call it.
  var name: String {
    switch self {
    case .gzip: "gzip"
    case .zstandard: "Zstandard"
    case .bzip2: "bzip2"
    case .xz: "xz"
    }
  }

  /// How many bytes of a file tell.
  static let magicLength = 6

  private var magic: [UInt8] {
    switch self {
    case .gzip: [0x1F, 0x8B]
    case .zstandard: [0x28, 0xB5, 0x2F, 0xFD]
    case .bzip2: Array("BZh".utf8)
    case .xz: [0xFD] + Array("7zXZ\0".utf8)
    }
  }

  private var ending: String {
    switch self {
    case .gzip: ".gz"
    case .zstandard: ".zst"
    case .bzip2: ".bz2"
    case .xz: ".xz"
    }
  }

  /// What unpacks it; nil where there is no memory for that.
  func unpacker() -> (any Unpacker)? {
    switch self {
    case .gzip: Inflater()
    case .zstandard: ZstandardUnpacker()
    case .bzip2: Bzip2Unpacker()
    case .xz: XZUnpacker()
    }
  }
}

/// Unpacks a sequence of packed texts, one behind the other.
protocol Unpacker {
  /// Whether one has just ended, so that the file may end here as well.
  var isBetweenMembers: Bool { get }

  /// Unpacks some of `input` into the front of `output`.
  func unpack(_ input: ArraySlice<UInt8>, into output: UnsafeMutableRawBufferPointer) -> UnpackingStep
}

/// The result of one step.
struct UnpackingStep {
  var consumed = 0
  var produced = 0
  var problem: String?
}
