import Foundation
import ModelFiles
import TestSupport
import Testing

@Suite struct HostileSafetensorsTests {
  @Test(arguments: table)
  func areRefused(file: [UInt8], expected: String) throws {
    let scratch = try TemporaryFolder()
    let url = try scratch.write("x.safetensors", file)
    #expect(message(in: scratch) { _ = try SafetensorsFile(url) } == "x.safetensors: " + expected)
  }

  /// A header of one tensor `a`.
  private static func one(_ type: String, _ shape: String, _ offsets: String) -> String {
    #"{"a":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}}"#
  }

  /// A header of two tensors of bytes, `a` and `b`.
  private static func two(_ a: ClosedRange<Int>, _ b: ClosedRange<Int>) -> String {
    let entries = zip(["a", "b"], [a, b]).map { name, range in
      let shape = range.upperBound - range.lowerBound
      return
        #""\#(name)":{"dtype":"U8","shape":[\#(shape)],"data_offsets":[\#(range.lowerBound),\#(range.upperBound)]}"#
    }
    return "{\(entries.joined(separator: ","))}"
  }

  static let table: [([UInt8], String)] = [
    ([], "is truncated: 0 bytes are not a safetensors file"),
    ([1, 2, 3], "is truncated: 3 bytes are not a safetensors file"),
    (
      safetensors("{}", claim: .max),
      "is not a safetensors file: its header claims 18446744073709551615 bytes, the most allowed are 100000000"
    ),
    (safetensors("{}", claim: 3), "is truncated: its header claims 3 bytes, the file has 10"),
    (
      safetensors("{}x", claim: 3),
      "the safetensors header is not JSON: line 1, column 3: text after the end of the value"
    ),
    (safetensors("[]"), "the safetensors header is not a JSON object"),
    (
      safetensors(String(repeating: "[", count: 100_000)),
      "the safetensors header is not JSON: line 1, column 514: nested more than 512 deep"
    ),
    (
      safetensors(
        #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#,
        data: 1),
      "the safetensors header names a tensor twice"
    ),
    (safetensors(#"{"__metadata__":[]}"#), "__metadata__ is not a JSON object"),
    (safetensors(#"{"__metadata__":{"format":1}}"#), "__metadata__ 'format' is not a string"),
    (safetensors(#"{"a":[]}"#), "tensor 'a': its header is a list, no object"),
    (safetensors(#"{"a\nb":{}}"#), "tensor 'a\\nb': dtype is missing"),
    (safetensors(one("F8_E5M2", "[1]", "[0,1]"), data: 1), "tensor 'a': dtype 'F8_E5M2' is not supported"),
    (safetensors(#"{"a":{"dtype":"U8","data_offsets":[0,1]}}"#, data: 1), "tensor 'a': shape is missing"),
    (safetensors(one("U8", "[-1]", "[0,1]"), data: 1), "tensor 'a': shape must be a list of whole numbers from 0"),
    (safetensors(one("U8", "[1.0]", "[0,1]"), data: 1), "tensor 'a': shape must be a list of whole numbers from 0"),
    (
      safetensors(one("U8", "[4294967296,4294967296]", "[0,1]"), data: 1),
      "tensor 'a': shape [4294967296, 4294967296] overflows"
    ),
    (
      safetensors(one("F32", "[4611686018427387904]", "[0,1]"), data: 1),
      "tensor 'a': shape [4611686018427387904] overflows"
    ),
    (safetensors(one("U8", "[1]", "[0]"), data: 1), "tensor 'a': data_offsets must be two whole numbers from 0"),
    (safetensors(one("U8", "[1]", "[-1,0]"), data: 1), "tensor 'a': data_offsets must be two whole numbers from 0"),
    (safetensors(one("U8", "[1]", "[1,0]"), data: 1), "tensor 'a': data_offsets [1, 0] run backwards"),
    (
      safetensors(one("F32", "[2]", "[0,4]"), data: 4),
      "tensor 'a': shape [2] of F32 takes 8 bytes, data_offsets give it 4"
    ),
    (
      safetensors(one("F32", "[2]", "[0,8]"), data: 7),
      "is truncated: tensor 'a' ends at byte 8 of the data, which has 7"
    ),
    (safetensors(one("U8", "[1]", "[0,1]"), data: 3), "2 bytes at the end of the file belong to no tensor"),
    (safetensors(one("U8", "[2]", "[1,3]"), data: 3), "1 bytes before tensor 'a' belong to no tensor"),
    (safetensors(two(0...4, 3...6), data: 6), "tensor 'b' overlaps tensor 'a'"),
    (safetensors(two(2...4, 0...4), data: 4), "tensor 'a' overlaps tensor 'b'"),
    (safetensors(two(0...2, 3...4), data: 4), "1 bytes before tensor 'b' belong to no tensor"),
    (
      safetensors(one("U8", "[9223372036854775807]", "[0,9223372036854775807]"), data: 4),
      "is truncated: tensor 'a' ends at byte 9223372036854775807 of the data, which has 4"
    ),
  ]

  @Test func harmlessOdditiesAreRead() throws {
    let scratch = try TemporaryFolder()
    // Names out of order, an empty tensor, one of no dimensions, keys named like JSON's own signs.
    let header =
      #"{"b:\"{":{"dtype":"U8","shape":[2],"data_offsets":[1,3]},"e":{"dtype":"F32","shape":[0,9223372036854775807,2],"data_offsets":[3,3]},"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}  "#
    let file = try SafetensorsFile(scratch.write("x.safetensors", safetensors(header, data: 3)))
    #expect(file.tensors.map(\.name) == ["a", "b:\"{", "e"])
    #expect(file.tensors.map(\.elementCount) == [1, 2, 0])
    #expect(try file.tensors[2].floats().isEmpty)
  }

  /// Whatever a damaged file says, it is read or refused.
  @Test func damagedFilesNeverTrap() throws {
    let scratch = try TemporaryFolder()
    let whole = try bytes(fixtures.appendingPathComponent("all.safetensors"))
    for count in stride(from: 0, to: whole.count, by: 7) {
      let url = try scratch.write("x", whole[..<count])
      #expect(throws: ModelFileError.self) { _ = try SafetensorsFile(url) }
    }
    try flipBytes(whole, every: 3, scratch) { try SafetensorsFile($0).tensors }
  }
}

/// Changes single bytes, one in so many, and reads whatever opens.
func flipBytes(
  _ whole: [UInt8], every step: Int, _ scratch: TemporaryFolder, _ open: (URL) throws -> [StoredTensor]
) throws {
  var random = SystemRandomNumberGenerator()
  for position in stride(from: Int.random(in: 0..<step, using: &random), to: whole.count, by: step) {
    var damaged = whole
    damaged[position] = UInt8.random(in: 0...255, using: &random)
    let url = try scratch.write("x", damaged)
    do {
      for tensor in try open(url) { tensor.withBytes { _ = $0.reduce(0) { $0 &+ Int($1) } } }
    } catch is ModelFileError {}
  }
}
