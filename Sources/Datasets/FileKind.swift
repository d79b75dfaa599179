/// What a file is that holds no records in a form that is read, by its first bytes.
enum FileKind {
  /// How many of the first bytes tell.
  static let telling = 512

  /// What is wrong with the file, and what to do; nil for what may hold records.
  static func problem(_ start: some Collection<UInt8>) -> String? {
    let bytes = Array(start.prefix(telling))
    func begins(_ magic: [UInt8]) -> Bool { bytes.starts(with: magic) }
    if begins(Array("version https://git-lfs.github.com/".utf8)) {
      return "is a Git LFS pointer, not the data; 'git lfs pull' in its repository fetches them"
    }
    if begins(Array("ARROW1".utf8)) || begins([0xFF, 0xFF, 0xFF, 0xFF]) {
      return "is an Arrow file; write it as Parquet, as datasets' Dataset.from_file(PATH).to_parquet(OTHER) does"
    }
    if begins(Array("PK\u{3}\u{4}".utf8)) { return "is a zip archive; unpack it first" }
    if begins([0x04, 0x22, 0x4D, 0x18]) { return "is packed with LZ4; unpack it first" }
    if bytes.dropFirst(257).starts(with: "ustar".utf8) { return "is a tar archive; unpack it first" }
    let text = bytes.drop { $0.isSpace }.prefix(16).map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
    if text.starts(with: "<!doctype html".utf8) || text.starts(with: "<html".utf8) {
      return "is a web page, not data; was it fetched by another link than the file's own, or without signing in?"
    }
    if text.first == UInt8(ascii: "<") { return "is XML or HTML, not JSON or Parquet" }
    return nil
  }
}
