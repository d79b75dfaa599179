import CTorch
import Descriptors
import Foundation

/// The loaded library: the functions of its stable C ABI that Caravan calls.
///
/// It is loaded when it is first needed. The number of threads is fixed then, since OpenMP reads `OMP_NUM_THREADS` once.
public struct Libtorch: @unchecked Sendable {
  let float32: Int32
  let bfloat16: Int32
  let cpu: Int32
  let createTensorFromBlob: CTorchCreateTensorFromBlob
  let deleteTensor: CTorchDeleteTensor
  let dataPointer: CTorchDataPointer
  let strides: CTorchSizes
  let multiplyOut: CTorchMultiplyOut
  let addMultiplyOut: CTorchAddMultiplyOut
  /// Absent where libtorch was built without oneDNN.
  let linear: CTorchLinear?
  let flashAttention: CTorchFlashAttention
  let flashAttentionBackward: CTorchFlashAttentionBackward
  let parallelFor: CTorchParallelFor
  let threadCount: CTorchThreadCount
  private let errorText: CTorchErrorText?

  private static let shared = Result { try Libtorch() }

  /// Loads the library with `threads` threads; nil leaves the choice to `OMP_NUM_THREADS` or the number of cores.
  ///
  /// Only the first call in a process has a say in the number of threads.
  /// - Throws: `TorchError` where libtorch is missing or too old.
  public static func load(threads: Int? = nil) throws {
    if let threads { OwnEnvironment.set("OMP_NUM_THREADS", String(threads)) }
    ctorch_keep_freed_memory()
    _ = try shared.get()
  }

  static func loaded() throws -> Libtorch { try shared.get() }

  private init() throws {
    let location = try LibtorchLocation()
    // A thread that waits for the others gives its core up soon. GNU's OpenMP lets it spin for milliseconds otherwise, and
    // where other programs want the cores the threads that still compute then wait for those that wait for them.
    OwnEnvironment.set("GOMP_SPINCOUNT", "1000", unlessSet: true)
    // libtorch and oneDNN each remember their last 1024 products by shape, half a megabyte for one. No two micro-batches are alike,
    // and a step would forget none; so many are enough for the layers of one.
    for cache in ["LRU_CACHE_CAPACITY", "ONEDNN_PRIMITIVE_CACHE_CAPACITY"] {
      OwnEnvironment.set(cache, "16", unlessSet: true)
    }
    guard let library = dlopen(location.path, RTLD_NOW | RTLD_GLOBAL) else {
      throw TorchError("libtorch at \(location.path) does not load: \(String(cString: dlerror()))")
    }
    func find<Function>(_ name: String, as type: Function.Type = Function.self) throws -> Function {
      guard let symbol = dlsym(library, name) else {
        throw TorchError("libtorch at \(location.path) has no \(name); Caravan needs torch 2.11 or newer")
      }
      return unsafeBitCast(symbol, to: type)
    }
    float32 = try find("aoti_torch_dtype_float32", as: CTorchConstant.self)()
    bfloat16 = try find("aoti_torch_dtype_bfloat16", as: CTorchConstant.self)()
    cpu = try find("aoti_torch_device_type_cpu", as: CTorchConstant.self)()
    createTensorFromBlob = try find("aoti_torch_create_tensor_from_blob")
    deleteTensor = try find("aoti_torch_delete_tensor_object")
    dataPointer = try find("aoti_torch_get_data_ptr")
    strides = try find("aoti_torch_get_strides")
    multiplyOut = try find("aoti_torch_cpu_mm_out")
    addMultiplyOut = try find("aoti_torch_cpu_addmm_out")
    linear = dlsym(library, "aoti_torch_cpu__linear_pointwise").map { unsafeBitCast($0, to: CTorchLinear.self) }
    flashAttention = try find("aoti_torch_cpu__scaled_dot_product_flash_attention_for_cpu")
    flashAttentionBackward = try find("aoti_torch_cpu__scaled_dot_product_flash_attention_for_cpu_backward")
    parallelFor = try find("torch_parallel_for")
    threadCount = try find("torch_get_num_threads")
    errorText = dlsym(library, "torch_exception_get_what_without_backtrace")
      .map { unsafeBitCast($0, to: CTorchErrorText.self) }
  }

  /// Turns the ABI's error code into a `TorchError` with the library's own words where it has any.
  func check(_ code: CTorchError, _ operation: StaticString) throws {
    guard code != 0 else { return }
    let text = errorText?().map { String(cString: $0) } ?? "no reason given"
    throw TorchError("libtorch failed in \(operation): \(text.split(separator: "\n").first ?? "")")
  }
}
