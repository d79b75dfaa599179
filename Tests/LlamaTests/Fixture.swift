import Foundation
import JSON
import Llama
import ModelFiles
import TestSupport
import Testing
import Torch

/// A tiny model that PyTorch dumped, with its tensors and numbers.
struct Fixture {
  let folder: URL

  init(_ name: String) {
    folder = Checkout.fixtures(of: "LlamaTests").appending(path: name)
  }

  func model() throws -> LlamaModel { try LlamaModel(ModelFolder(folder), training: true) }

  func json(_ name: String) throws -> JSON {
    try JSON(file: folder.appending(path: name + ".json"))
  }

  func tensors(_ name: String) throws -> [String: StoredTensor] {
    let file = try SafetensorsFile(folder.appending(path: name + ".safetensors"))
    return Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0) })
  }
}

extension [String: StoredTensor] {
  /// The tensor as a matrix whose columns are the last dimension.
  func matrix(_ name: String) throws -> Tensor {
    let tensor = try #require(self[name])
    let columns = tensor.shape.last ?? 1
    return try Tensor(tensor.floats(), shape: [tensor.elementCount / columns, columns])
  }
}

extension JSON {
  var tokenRows: [[Int32]] { (array ?? []).map(\.tokens) }
}

/// ‖actual − expected‖ / ‖expected‖.
func relativeError(_ actual: [Float], _ expected: [Float]) -> Double {
  guard actual.count == expected.count else { return .infinity }
  let difference = zip(actual, expected).map { Double($0) - Double($1) }
  func norm(_ x: [Double]) -> Double { x.map { $0 * $0 }.reduce(0, +).squareRoot() }
  let size = norm(expected.map(Double.init))
  return norm(difference) / max(size, 1e-30)
}

/// Expects agreement to a relative error, by default the 1e-5 that float32 gradients are held to.
func expectClose(
  _ actual: [Float], _ expected: [Float], within tolerance: Double = 1e-5, _ what: String,
  at location: SourceLocation = #_sourceLocation
) {
  let error = relativeError(actual, expected)
  #expect(error < tolerance, "\(what): relative error \(error)", sourceLocation: location)
}
