import Foundation

/// A library of the tests' own that stands in for NCCL and the CUDA driver where there are no GPUs.
public enum StandInNCCL {
  /// Its sources.
  public static let sources = Checkout.root.appending(path: "Tests/TestSupport/StandIn")

  /// The folder with `libnccl.so.2` and `libcuda.so.1`, compiled once; nil where there is no clang.
  public static let folder: String? = {
    let folder = Checkout.root.appending(path: ".build/stand-in").path
    let made = shell(
      """
      mkdir -p \(folder) && cd \(folder) && \
      clang -shared -fPIC -O1 -I\(headers) -o $$.so \(sources.path)/nccl.c && mv $$.so libnccl.so.2 && \
      ln -sf libnccl.so.2 libcuda.so.1
      """)
    return made == 0 ? folder : nil
  }()

  /// Where the prototypes lie that Caravan calls.
  public static let headers = Checkout.root.appending(path: "Sources/CNCCL/include").path

  /// NCCL's own package, as `make nccl` fetches it; nil where it has not.
  public static let package: String? = {
    let folder = Checkout.root.appending(path: ".nccl/nvidia/nccl").path
    return FileManager.default.fileExists(atPath: folder + "/include/nccl.h") ? folder : nil
  }()
}
