import Foundation
import ModelFiles
import TestSupport
import Testing

@Suite struct HostilePickleTests {
  private func error(_ file: [UInt8]) throws -> String {
    let scratch = try TemporaryFolder()
    let url = try scratch.write("x.bin", file)
    return message(in: scratch) { _ = try PyTorchFile(url) }
  }

  private static func storage(_ count: Int = 24) -> [String: [UInt8]] { ["0": [UInt8](repeating: 0, count: count)] }

  @Test func aHandMadeTensorIsRead() throws {
    let scratch = try TemporaryFolder()
    let url = try scratch.write("x.bin", TestZip(pickle: Pickle.tensor(), storages: Self.storage()).bytes)
    let tensors = try PyTorchFile(url).tensors
    #expect(tensors.map(\.name) == ["a"] && tensors.map(\.shape) == [[2, 3]])
    #expect(try tensors[0].floats() == [0, 0, 0, 0, 0, 0])
  }

  @Test(arguments: programs)
  func programsAreRefused(pickle: [UInt8], expected: String) throws {
    #expect(try error(TestZip(pickle: pickle, storages: Self.storage()).bytes) == "x.bin: " + expected)
  }

  static let programs: [([UInt8], String)] = [
    (
      [0x80, 2] + Pickle.global("os", "system") + Pickle.string("rm -rf /") + [
        0x85, UInt8(ascii: "R"), UInt8(ascii: "."),
      ],
      "its pickle asks for 'os.system', which no tensor needs; nothing of it was run"
    ),
    (
      [0x80, 4] + Pickle.string("posix") + Pickle.string("system") + [0x93, UInt8(ascii: ".")],
      "its pickle asks for 'posix.system', which no tensor needs; nothing of it was run"
    ),
    (
      Pickle.global("builtins", "eval") + Pickle.stop,
      "its pickle asks for 'builtins.eval', which no tensor needs; nothing of it was run"
    ),
    (
      Pickle.global("torch", "FloatStorage.__init__") + Pickle.stop,
      "its pickle asks for 'torch.FloatStorage.__init__', which no tensor needs; nothing of it was run"
    ),
    (Array("(ios\nsystem\n.".utf8), "its pickle uses instruction 0x69, which no tensor needs"),
    ([0x80, 5], "its pickle uses pickle protocol 5; 2 to 4 are supported"),
    ([], "its pickle is truncated"),
    (Array("cos".utf8), "its pickle is truncated"),
    ([UInt8(ascii: "X")] + littleEndian(UInt32.max), "its pickle is truncated"),
    ([0x8D] + littleEndian(UInt64.max), "its pickle is damaged at byte 9"),
    (Array(".".utf8), "its pickle is damaged at byte 1"),
    (Array("t.".utf8), "its pickle is damaged at byte 1"),
    (Array("N(0.".utf8), "its pickle is damaged at byte 3"),
    (Array("Nh\u{7}.".utf8), "its pickle is damaged at byte 3"),
    (Array("]]s.".utf8), "its pickle is damaged at byte 3"),
    (Array("}(NNNu.".utf8), "its pickle is damaged at byte 6"),
    (Array("N)R.".utf8), "its pickle is damaged at byte 3"),
    (Array("NQ.".utf8), "its pickle is damaged at byte 2"),
    (Array("]Nb.".utf8), "its pickle sets the state of an object, which no tensor needs"),
    ([0x8A, 9] + [UInt8](repeating: 1, count: 9), "its pickle holds a number beyond 64 bits"),
    (Array("].".utf8), "its pickle holds no dictionary of tensors"),
    (Array("}NNs.".utf8), "its pickle holds an entry whose name is not a string"),
    (Pickle.emptyDict + Pickle.string("epoch") + Array("K\u{3}s.".utf8), "its pickle entry 'epoch' is not a tensor"),
    (Pickle.tensor(key: "../../etc/passwd"), "tensor 'a': its storage '../../etc/passwd' is not in the archive"),
    (
      Pickle.tensor(storage: "ComplexFloatStorage"),
      "its pickle asks for 'torch.ComplexFloatStorage', which no tensor needs; nothing of it was run"
    ),
    (Pickle.tensor(count: 7), "tensor 'a': its storage claims 7 elements of float32, and has 24 bytes"),
    (
      Pickle.tensor(count: .max),
      "tensor 'a': its storage claims 9223372036854775807 elements of float32, and has 24 bytes"
    ),
    (Pickle.tensor(count: -6), "tensor 'a': its storage claims -6 elements of float32, and has 24 bytes"),
    (Pickle.tensor(offset: 1), "tensor 'a': it reaches element 6 of a storage of 6"),
    (Pickle.tensor(offset: -1), "tensor 'a': shape [2, 3] with strides [3, 1] does not fit its storage"),
    (Pickle.tensor(offset: .max), "tensor 'a': strides [3, 1] overflow"),
    (Pickle.tensor(shape: [3, 3]), "tensor 'a': shape [3, 3] with strides [3, 1] does not fit its storage"),
    (Pickle.tensor(shape: [-2, 3]), "tensor 'a': shape [-2, 3] with strides [3, 1] does not fit its storage"),
    (Pickle.tensor(shape: [6]), "tensor 'a': shape [6] with strides [3, 1] does not fit its storage"),
    (
      Pickle.tensor(shape: [.max, 3]),
      "tensor 'a': shape [9223372036854775807, 3] with strides [3, 1] does not fit its storage"
    ),
    // A view that repeats its storage for ever takes no place in the file, and all of the memory.
    (
      Pickle.tensor(shape: [1 << 40], strides: [0]),
      "tensor 'a': shape [1099511627776] with strides [0] does not fit its storage"
    ),
    (Pickle.tensor(strides: [4, 1]), "tensor 'a': it reaches element 6 of a storage of 6"),
    (Pickle.tensor(strides: [3, -1]), "tensor 'a': shape [2, 3] with strides [3, -1] does not fit its storage"),
    (Pickle.tensor(strides: [.max, .max]), "tensor 'a': strides [9223372036854775807, 9223372036854775807] overflow"),
  ]

  @Test func nestingAndCyclesDoNotExhaustTheStack() throws {
    let deep = [UInt8(ascii: ")")] + [UInt8](repeating: 0x85, count: 1_000_000) + Pickle.stop
    #expect(
      try error(TestZip(pickle: deep).bytes)
        == "x.bin: its pickle builds more values than a state dict of its length has")
    // As deep, in as many bytes as values take.
    let slow =
      [UInt8(ascii: ")")] + (0..<50_000).flatMap { _ in [0x85, 0x8C, 8] + Array("passed_by".utf8.prefix(8)) + [0x30] }
      + Pickle.stop
    #expect(try error(TestZip(pickle: slow).bytes) == "x.bin: its pickle holds no dictionary of tensors")
    // A list that is put into itself.
    #expect(
      try error(TestZip(pickle: Array("]q\u{1}h\u{1}a.".utf8)).bytes)
        == "x.bin: its pickle holds no dictionary of tensors")
  }

  @Test(arguments: archives)
  func archivesAreRefused(file: [UInt8], expected: String) throws {
    #expect(try error(file) == "x.bin: " + expected)
  }

  static let archives: [([UInt8], String)] = {
    var compressed = TestZip(pickle: Pickle.tensor())
    compressed.method = 8
    var encrypted = compressed
    encrypted.flags = 1
    var lying = TestZip(pickle: Pickle.tensor())
    lying.lie = 1 << 30
    let good = TestZip(pickle: Pickle.tensor(), storages: storage()).bytes
    let bigEndian = TestZip([("archive/data.pkl", Pickle.tensor()), ("archive/byteorder", Array("big".utf8))])
    let tar = [UInt8](repeating: 0, count: 257) + Array("ustar".utf8)
    let old =
      "is in PyTorch's old format (before 1.6); load it with torch.load and save it again with torch.save"
    return [
      ([], "is not a PyTorch checkpoint: it is not a zip archive"),
      (Array("not a checkpoint".utf8), "is not a PyTorch checkpoint: it is not a zip archive"),
      ([0x80, 2, 0x8A], old),
      (tar, old),
      (Array(good.dropLast(30)), "is truncated: the zip archive has no directory at its end"),
      (TestZip([]).bytes, "is not a PyTorch checkpoint: the archive holds no data.pkl"),
      (TestZip([("archive/other", [])]).bytes, "is not a PyTorch checkpoint: the archive holds no data.pkl"),
      (
        TestZip([("a/data.pkl", []), ("a/data.pkl", [])]).bytes, "has two entries 'a/data.pkl'"
      ),
      (
        TestZip([("a/data.pkl", []), ("b/data.pkl", [])]).bytes,
        "is not a PyTorch checkpoint: the archive holds no data.pkl"
      ),
      (
        compressed.bytes, "its entry 'archive/data.pkl' is compressed; PyTorch stores entries as they are"
      ),
      (encrypted.bytes, "its entry 'archive/data.pkl' is encrypted"),
      (
        lying.bytes,
        "is truncated: its entry 'archive/data.pkl' claims \(Pickle.tensor().count + 1 << 30) bytes beyond the end of the file"
      ),
      (bigEndian.bytes, "was written by a big-endian machine, which is not supported"),
      (
        Array(good.dropLast(6)) + [0xFF, 0xFF, 0xFF, 0x7F, 0, 0],
        "is damaged: the directory of the zip archive cannot be read"
      ),
      (
        Array(good.dropLast(12)) + [0xFF, 0xFF] + Array(good.suffix(10)),
        "is damaged: the directory of the zip archive cannot be read"
      ),
    ]
  }()

  @Test func theOldFormatOfPyTorchIsNamed() throws {
    let scratch = try TemporaryFolder()
    let url = try scratch.write("x.bin", bytes(fixtures.appendingPathComponent("legacy.bin")))
    #expect(message(in: scratch) { _ = try PyTorchFile(url) }.hasPrefix("x.bin: is in PyTorch's old format"))
  }

  /// Whatever a damaged file says, it is read or refused.
  @Test func damagedFilesNeverTrap() throws {
    let scratch = try TemporaryFolder()
    let whole = try bytes(fixtures.appendingPathComponent("protocol2.bin"))
    for count in stride(from: 0, to: whole.count, by: 13) {
      let url = try scratch.write("x", whole[..<count])
      #expect(throws: ModelFileError.self) { _ = try PyTorchFile(url) }
    }
    try flipBytes(whole, every: 7, scratch) { try PyTorchFile($0).tensors }
  }
}
