import CKernels

/// Which kernels compute products and attention in float32.
package enum Kernels: String, CaseIterable, Sendable {
  /// For each product the ones that are faster on this processor.
  case fastest
  /// libtorch's.
  case libtorch
  /// Our own, whatever the size.
  case own

  /// What the current task computes with. Tests choose, so that one process can compare them.
  @TaskLocal package static var current: Kernels = .fastest

  /// Those that this processor can run.
  package static var available: [Kernels] { BlockedProduct.isSupported ? allCases : [fastest] }

  /// Whether libtorch has kernels for factors in bfloat16 on this processor. Otherwise its products of them are loops, tens of
  /// times slower than those of the same numbers in float32.
  package static let libtorchMultipliesBFloat16 = ck_libtorch_multiplies_bfloat16() != 0

  var attendThemselves: Bool { self == .own || self == .fastest && BlockedProduct.isSupported }

  /// Whether ours multiply two factors of one type.
  func multiplyThemselves(_ a: Tensor, _ b: Tensor) -> Bool {
    if a.dtype == .bfloat16, !BlockedProduct.isSupportedInBFloat16 || !BlockedProduct.hasPairs(a, b) { return false }
    return self == .own || attendThemselves && BlockedProduct.pays(a, b)
  }
}
