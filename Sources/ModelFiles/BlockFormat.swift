import CKernels

/// How a GGUF file holds numbers in blocks that share scales. Raw values are the format's own (`ggml_type`).
package enum BlockFormat: UInt32 {
  case q4_0 = 2
  case q4_1 = 3
  case q5_0 = 6
  case q5_1 = 7
  case q8_0 = 8
  case q2_K = 10
  case q3_K = 11
  case q4_K = 12
  case q5_K = 13
  case q6_K = 14

  /// Numbers a block; rows are whole blocks.
  package var size: Int { rawValue < 10 ? 32 : 256 }

  /// Bytes a block.
  package var byteCount: Int {
    switch self {
    case .q4_0: 18
    case .q4_1: 20
    case .q5_0: 22
    case .q5_1: 24
    case .q8_0: 34
    case .q2_K: 84
    case .q3_K: 110
    case .q4_K: 144
    case .q5_K: 176
    case .q6_K: 210
    }
  }

  /// Widens so many blocks to float32, as ggml does.
  func widen(_ blocks: UnsafePointer<UInt8>, count: Int, into floats: UnsafeMutablePointer<Float>) {
    let count = Int64(count)
    switch self {
    case .q4_0: ck_widen_q4_0(blocks, floats, count)
    case .q4_1: ck_widen_q4_1(blocks, floats, count)
    case .q5_0: ck_widen_q5_0(blocks, floats, count)
    case .q5_1: ck_widen_q5_1(blocks, floats, count)
    case .q8_0: ck_widen_q8_0(blocks, floats, count)
    case .q2_K: ck_widen_q2_k(blocks, floats, count)
    case .q3_K: ck_widen_q3_k(blocks, floats, count)
    case .q4_K: ck_widen_q4_k(blocks, floats, count)
    case .q5_K: ck_widen_q5_k(blocks, floats, count)
    case .q6_K: ck_widen_q6_k(blocks, floats, count)
    }
  }
}
