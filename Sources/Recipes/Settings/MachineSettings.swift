import Torch
import Wording

/// Where a run computes, and with how many threads.
public struct MachineSettings: SettingGroup {
  /// The kinds of device.
  public enum Device: String, CaseIterable, SettingValue { case auto, cpu, cuda }

  /// Where to compute.
  public var device = Device.auto
  /// The type of matrix products.
  public var dtype = DType.float32
  /// Threads on the CPU; one a core without it.
  public var threads: Int?

  /// This machine.
  public init() {}

  /// The same in all runs that are compared.
  public static var meaning: SettingMeaning { .common }

  /// The settings.
  public static let settings: [Setting<Self>] = [
    Setting("device", \.device, "Where to compute; cuda is not supported yet."),
    Setting(
      "dtype", \.dtype,
      """
      The type for matrix products. bfloat16 is faster; training keeps its weights in float32, and rounds them for products with a \
      fixed dither, which shows what is learned in steps that are smaller than those of bfloat16.
      """),
    Setting(
      "threads", \.threads, "Threads on the CPU; by default one for each core.",
      Rule("from 1 to 1024") { (1...1024).contains($0) }),
  ]

  /// There is no CUDA yet.
  public func checkTogether() throws {
    guard device != .cuda else {
      throw SettingError("\(setting: "device") cuda: this version computes on the CPU only; leave it out")
    }
  }

  /// Loads libtorch.
  /// - Parameter usual: the threads where none are asked for; without it, what the environment says, or one a core.
  public func start(threads usual: Int? = nil) throws { try Libtorch.load(threads: threads ?? usual) }
}
