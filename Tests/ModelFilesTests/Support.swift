import Foundation
import JSON
import ModelFiles
import TestSupport
import Testing

/// The checked-in files that `Scripts/fixtures/model_files.py` wrote.
let fixtures = Checkout.fixtures(of: "ModelFilesTests")

func json(_ url: URL) throws -> JSON { try JSON(parsing: String(contentsOf: url, encoding: .utf8)) }
func bytes(_ url: URL) throws -> [UInt8] { try Array(Data(contentsOf: url)) }

/// The message of the error that `body` throws, on one line, with the folder's place left out.
func message(in scratch: TemporaryFolder, _ body: () throws -> Void) -> String {
  do {
    try body()
    return "no error"
  } catch let error as ModelFileError {
    let text = error.description
    #expect(!text.contains("\n") && !text.contains("\r"))
    return scratch.relative(text).replacingOccurrences(of: scratch.url.path, with: "FOLDER")
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
