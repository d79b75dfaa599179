import Foundation
import JSON
import ModelFiles
import Testing

/// The checked-in files that `Scripts/fixtures/model_files.py` wrote.
let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")

/// Real files beside the package; tests on them are skipped where they are absent.
let shared: URL = {
  if let path = ProcessInfo.processInfo.environment["CARAVAN_SHARED"] { return URL(fileURLWithPath: path) }
  let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  return package.deletingLastPathComponent().appendingPathComponent("shared")
}()
let stories = shared.appendingPathComponent("real/stories260K")
let hasStories = FileManager.default.fileExists(atPath: stories.appendingPathComponent("config.json").path)

func json(_ url: URL) throws -> JSON { try JSON(parsing: String(contentsOf: url, encoding: .utf8)) }
func bytes(_ url: URL) throws -> [UInt8] { try Array(Data(contentsOf: url)) }

/// A folder that is gone when the test is over.
final class Scratch {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("caravan-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> URL { url.appendingPathComponent(name) }

  @discardableResult
  func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> URL {
    try Data(bytes).write(to: path(name))
    return path(name)
  }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> URL { try write(name, Array(text.utf8)) }

  var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() } }
}

/// The message of the error that `body` throws, on one line, with the folder's place left out.
func message(in scratch: Scratch, _ body: () throws -> Void) -> String {
  do {
    try body()
    return "no error"
  } catch let error as ModelFileError {
    let text = error.description
    #expect(!text.contains("\n") && !text.contains("\r"))
    return text.replacingOccurrences(of: scratch.url.path + "/", with: "")
      .replacingOccurrences(of: scratch.url.path, with: "FOLDER")
  } catch {
    return "not a ModelFileError: \(error)"
  }
}

/// A safetensors file of this header and so many bytes of data.
func safetensors(_ header: String, data: Int = 0, claim: UInt64? = nil) -> [UInt8] {
  let header = Array(header.utf8)
  return littleEndian(claim ?? UInt64(header.count)) + header + [UInt8](repeating: 0, count: data)
}

func littleEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
  withUnsafeBytes(of: number.littleEndian, Array.init)
}

/// A tensor to be written that holds `floats`.
func output(
  _ name: String, _ floats: [Float], shape: [Int]? = nil, as type: ElementType = .float32
) -> OutputTensor {
  OutputTensor(name: name, elementType: type, shape: shape ?? [floats.count]) { body in
    try floats.withUnsafeBufferPointer(body)
  }
}

/// The smallest configuration, with changes.
func config(_ changes: [String: JSON] = [:]) throws -> LlamaConfig { try LlamaConfig(json: configJSON(changes)) }

func configJSON(_ changes: [String: JSON] = [:]) -> JSON {
  var members = (smallConfig.object ?? [:])
  for (key, value) in changes { members[key] = value }
  return .object(members)
}

private let smallConfig: JSON = [
  "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 6, "hidden_size": 4,
  "intermediate_size": 5, "num_hidden_layers": 1, "num_attention_heads": 2,
]

/// Weights of that configuration, each element its tensor's number.
func weights(of config: LlamaConfig, as type: ElementType = .float32) -> [OutputTensor] {
  config.architecture.tensors.enumerated().map { number, parameter in
    let floats = [Float](repeating: Float(number), count: parameter.count)
    return output(parameter.name, floats, shape: parameter.shape, as: type)
  }
}
