import ModelFiles

/// Makes zip files and pickles as no decent program would.
struct TestZip {
  var entries: [(name: String, bytes: [UInt8])]
  var method: UInt16 = 0
  var flags: UInt16 = 0
  /// Added to what the directory says of each entry's size.
  var lie: UInt32 = 0

  init(_ entries: [(String, [UInt8])]) { self.entries = entries.map { (name: $0.0, bytes: $0.1) } }

  /// An archive as `torch.save` lays it out.
  init(pickle: [UInt8], storages: [String: [UInt8]] = [:]) {
    self.init([("archive/data.pkl", pickle)] + storages.sorted { $0.key < $1.key }.map { ("archive/data/\($0)", $1) })
  }

  var bytes: [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for (name, bytes) in entries {
      let size = UInt32(bytes.count) &+ lie
      let common =
        littleEndian(UInt16(20)) + littleEndian(flags) + littleEndian(method) + [UInt8](repeating: 0, count: 8)
        + littleEndian(size) + littleEndian(size) + littleEndian(UInt16(name.utf8.count)) + littleEndian(UInt16(0))
      directory += littleEndian(UInt32(0x0201_4B50)) + [20, 0] + common + [UInt8](repeating: 0, count: 10)
      directory += littleEndian(UInt32(file.count)) + Array(name.utf8)
      file += littleEndian(UInt32(0x0403_4B50)) + common + Array(name.utf8) + bytes
    }
    let count = littleEndian(UInt16(entries.count))
    let end =
      littleEndian(UInt32(0x0605_4B50)) + [0, 0, 0, 0] + count + count + littleEndian(UInt32(directory.count))
      + littleEndian(UInt32(file.count)) + [0, 0]
    return file + directory + end
  }
}

/// The instructions of a pickle, written by name.
enum Pickle {
  static func global(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }
  static func string(_ text: String) -> [UInt8] { [0x8C, UInt8(text.utf8.count)] + Array(text.utf8) }
  static func int(_ number: Int) -> [UInt8] { [0x8A, 8] + littleEndian(number) }
  static func tuple(_ numbers: [Int]) -> [UInt8] { mark + numbers.flatMap(int) + [UInt8(ascii: "t")] }
  static let mark = [UInt8(ascii: "(")]
  static let stop = [UInt8(ascii: ".")]
  static let emptyDict = [UInt8(ascii: "}")]

  /// A state dict of one tensor `a`, every field of which may lie.
  static func tensor(
    storage: String = "FloatStorage", key: String = "0", count: Int = 6, offset: Int = 0, shape: [Int] = [2, 3],
    strides: [Int] = [3, 1]
  ) -> [UInt8] {
    let identifier =
      mark + string("storage") + global("torch", storage) + string(key) + string("cpu") + int(count)
      + [UInt8(ascii: "t"), UInt8(ascii: "Q")]
    let rebuild =
      global("torch._utils", "_rebuild_tensor_v2") + mark + identifier + int(offset) + tuple(shape) + tuple(strides)
      + [0x89, UInt8(ascii: "N"), UInt8(ascii: "t"), UInt8(ascii: "R")]
    return [0x80, 2] + emptyDict + string("a") + rebuild + [UInt8(ascii: "s")] + stop
  }
}
