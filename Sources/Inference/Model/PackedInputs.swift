import CKernels
import Torch

/// Room for a product's inputs as narrow weights are multiplied by them.
struct PackedInputs {
  let bytes: UnsafeMutablePointer<UInt8>
  private let memory: HostMemory

  /// Room for so many rows of up to so many columns.
  init(rows M: Int, columns K: Int, _ format: WeightFormat) throws {
    let size =
      switch format {
      case .float32: Int64(0)
      case .bfloat16: ck_bfloat16_inputs_size(Int64(M), Int64(K))
      case .int8: ck_int8_inputs_size(Int64(M), Int64(K))
      }
    memory = try HostMemory.take(Int(size))
    bytes = memory.base.assumingMemoryBound(to: UInt8.self)
  }
}
