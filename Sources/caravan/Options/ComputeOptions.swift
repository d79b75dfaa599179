import ArgumentParser
import Torch

/// Where a command computes, and with how many threads.
struct ComputeOptions: ParsableArguments {
  /// The kinds of device.
  enum Device: String, CaseIterable, ExpressibleByArgument { case auto, cpu, cuda }

  @Option(help: "Where to compute; cuda is not there yet.")
  var device = Device.auto

  @Option(help: "The type of matrix products: float32, or bfloat16 (faster, over float32 weights).")
  var dtype = DType.float32

  @Option(help: "Threads on the CPU. Without it, one a core.")
  var threads: Int?

  func validate() throws {
    guard device != .cuda else {
      throw ValidationError("--device cuda: this version computes on the CPU only; leave it out")
    }
    guard threads.map({ (1...1024).contains($0) }) ?? true else {
      throw ValidationError("--threads must be from 1 to 1024, not \(threads ?? 0)")
    }
  }

  /// Loads libtorch.
  func start() throws { try Libtorch.load(threads: threads) }
}

extension DType: ExpressibleByArgument {}
