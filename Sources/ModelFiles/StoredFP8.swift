/// A matrix in FP8 with a scale for each block of it, as DeepSeek publishes them and transformers' `fp8` keeps them: a number is
/// code · scale, in float32.
final class StoredFP8: Sendable {
  /// A byte a number: sign, four bits of exponent, three of fraction (E4M3, arXiv 2209.05433).
  let codes: StoredTensor
  /// A float32 number for each block, block by block in rows.
  let scales: StoredTensor
  /// The rows and columns of a block; those at the edges may have fewer.
  let block: (rows: Int, columns: Int)

  init(codes: StoredTensor, scales: StoredTensor, block: (rows: Int, columns: Int)) {
    (self.codes, self.scales, self.block) = (codes, scales, block)
  }

  /// Fills `output` with the matrix's numbers in float32, row by row.
  func widen(into output: UnsafeMutableRawBufferPointer) {
    let (rows, columns) = (codes.shape[0], codes.shape[1])
    let scales = (try? scales.floats()) ?? []
    let scalesOfRow = (columns + block.columns - 1) / block.columns
    codes.withBytes { codes in
      Self.values.withUnsafeBufferPointer { values in
        for row in 0..<rows {
          let scales = scales[row / block.rows * scalesOfRow..<(row / block.rows + 1) * scalesOfRow]
          for (index, scale) in scales.enumerated() {
            for column in index * block.columns..<min(columns, (index + 1) * block.columns) {
              let place = row * columns + column
              output.storeBytes(of: values[Int(codes[place])] * scale, toByteOffset: 4 * place, as: Float.self)
            }
          }
        }
      }
    }
  }

  /// The number of each code. There are no infinities; 0x7F and 0xFF are none.
  private static let values: [Float] = (0..<256).map { code in
    let (exponent, fraction) = (code >> 3 & 15, Float(code & 7))
    let size =
      code & 0x7F == 0x7F
      ? Float.nan
      : exponent == 0
        ? fraction / 512 : Float(sign: .plus, exponent: exponent - 7, significand: 1 + fraction / 8)
    return code & 0x80 == 0 ? size : -size
  }
}
