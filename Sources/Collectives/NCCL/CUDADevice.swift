import CNCCL
import Foundation

/// A rank's GPU, as the CUDA driver knows it: NCCL works on the one that is current, in the order of its default stream.
struct CUDADevice: @unchecked Sendable {
  private let context: CCUDAContext
  private let makeCurrent: CCUDACtxSetCurrent
  private let query: CCUDAStreamQuery
  private let attribute: CCUDAPointerGetAttribute
  private let errorText: CCUDAGetErrorString

  /// The GPU of a number among those that this process sees; beyond their number it begins anew, since launchers may show each
  /// process its own only.
  /// - Throws: `CollectiveError` where there is no driver or no GPU.
  init(_ number: Int, driver: String = "libcuda.so.1") throws {
    guard let library = dlopen(driver, RTLD_NOW) else {
      throw CollectiveError(
        "NCCL carries between GPUs, and this host has no CUDA driver (\(driver)); unset CARAVAN_NCCL")
    }
    let find = SymbolFinder(library, "the CUDA driver", "install a newer one")
    let begin: CCUDAInit = try find("cuInit")
    let countDevices: CCUDADeviceGetCount = try find("cuDeviceGetCount")
    let device: CCUDADeviceGet = try find("cuDeviceGet")
    let retain: CCUDADevicePrimaryCtxRetain = try find("cuDevicePrimaryCtxRetain")
    makeCurrent = try find("cuCtxSetCurrent")
    query = try find("cuStreamQuery")
    attribute = try find("cuPointerGetAttribute")
    errorText = try find("cuGetErrorString")
    var (count, handle, context) = (Int32(0), Int32(0), CCUDAContext?.none)
    try Self.check(begin(0), errorText)
    try Self.check(countDevices(&count), errorText)
    guard count > 0 else {
      throw CollectiveError("NCCL carries between GPUs, and this process sees none; unset CARAVAN_NCCL")
    }
    try Self.check(device(&handle, Int32(number % Int(count))), errorText)
    try Self.check(retain(&context, handle), errorText)
    guard let context else { throw CollectiveError("the CUDA driver gives no context") }
    self.context = context
  }

  /// Makes it the calling thread's.
  func use() throws { try Self.check(makeCurrent(context), errorText) }

  /// Whether all that was asked of it is done.
  var isIdle: Bool {
    get throws {
      let result = query(nil)
      if result == CCUDA_NOT_READY { return false }
      try Self.check(result, errorText)
      return true
    }
  }

  /// Whether it has a place in its memory, and not the host.
  func holds(_ place: UnsafeRawPointer) -> Bool {
    var kind: UInt32 = 0
    let found = attribute(&kind, UInt32(CCUDA_POINTER_MEMORY_TYPE), UInt64(UInt(bitPattern: place))) == 0
    return found && kind == CCUDA_MEMORY_DEVICE
  }

  private static func check(_ result: UInt32, _ text: CCUDAGetErrorString) throws {
    guard result != 0 else { return }
    var words: UnsafePointer<CChar>?
    _ = text(result, &words)
    throw CollectiveError("the CUDA driver says: \(words.map { String(cString: $0) } ?? "error \(result)")")
  }
}
