import Foundation
import JSON

extension WeightFiles {
  private static let scaleSuffix = "_scale_inv"

  /// Puts one tensor in the place of a matrix in FP8 and its scales, `X.weight` and `X.weight_scale_inv`.
  /// - Parameter folder: where `config.json` may say how large blocks are.
  /// - Throws: `ModelFileError` where they do not fit together.
  static func joinFP8(_ tensors: TextKeyed<StoredTensor>, in folder: URL) throws -> TextKeyed<StoredTensor> {
    let scales = tensors.values.filter { $0.name.hasSuffix(scaleSuffix) }
    guard !scales.isEmpty else { return tensors }
    let block = try blockSize(in: folder)
    var joined = tensors
    for scale in scales {
      let name = String(scale.name.dropLast(scaleSuffix.count))
      guard let codes = tensors[name], codes.elementType == .float8, codes.shape.count == 2, codes.strides == nil else {
        throw ModelFileError(
          scale.path, "holds \(quoted(scale.name)), but no matrix \(quoted(name)) in FP8 that it could scale")
      }
      let (rows, columns) = (codes.shape[0], codes.shape[1])
      // Some have one scale for the whole matrix.
      let size = scale.elementCount == 1 ? (rows: max(1, rows), columns: max(1, columns)) : block
      let expected = [(rows + size.rows - 1) / size.rows, (columns + size.columns - 1) / size.columns]
      guard scale.elementCount == 1 || scale.shape == expected, scale.elementType.isFloat else {
        throw ModelFileError(
          scale.path,
          "tensor \(quoted(scale.name)) has shape \(scale.shape), a matrix of shape \(codes.shape) in blocks of "
            + "\(size.rows) × \(size.columns) needs \(expected)")
      }
      joined[scale.name] = nil
      // Some publish the scale of inputs too, which only products in FP8 need.
      joined[String(name.dropLast("weight".count)) + "input_scale"] = nil
      joined[String(name.dropLast("weight".count)) + "activation_scale"] = nil
      joined[name] = StoredTensor(
        name: name, elementType: .float32, shape: codes.shape, elementCount: codes.elementCount, strides: nil,
        file: codes.file, offset: codes.offset, fp8: StoredFP8(codes: codes, scales: scale, block: size))
    }
    return joined
  }

  /// The rows and columns of a block, which are 128 each where `config.json` does not say.
  private static func blockSize(in folder: URL) throws -> (rows: Int, columns: Int) {
    let path = folder.appendingPathComponent("config.json").path
    guard FileManager.default.fileExists(atPath: path),
      let quantization = try JSONFile(path).object("quantization_config"),
      let size = quantization.value("weight_block_size")
    else { return (128, 128) }
    let numbers = (size.array ?? []).compactMap(\.int).filter { (1...1 << 20).contains($0) }
    guard numbers.count == 2, size.array?.count == 2 else {
      throw quantization.error("weight_block_size", "must be two sizes", size)
    }
    return (numbers[0], numbers[1])
  }
}
