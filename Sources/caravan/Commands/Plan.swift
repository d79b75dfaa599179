import ArgumentParser
import Foundation
import Llama
import ModelFiles
import Recipes
import Training

/// `caravan plan`: what a training would need of a cluster.
struct Plan: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Says what training would need of each of several ranks, without weights.",
    usage: "caravan plan --model <path> --memory <size> [--ranks <n>] [<options>]",
    discussion: """
      It reads nothing but the model's config.json. Memory is what training estimates before it begins. A step's time \
      follows from the rates that are given: measure them with a short run.

      Examples:
        caravan plan --model Llama-2-13b-hf --ranks 4 --memory 256GB
        caravan plan --model config.json --ranks 2 --memory 80GB --lora-rank 64
        caravan plan --model config.json --ranks 8 --memory 256GB \\
          --teraflops 1.5 --gigabytes-per-second 1.2
      """)

  @Option(help: ArgumentHelp("A config.json, or a folder or OWNER/NAME on the hub with one.", valueName: "path"))
  var model: String

  @Option(help: ArgumentHelp("The processes that train together.", valueName: "n"))
  var ranks = 1

  @Option(help: ArgumentHelp("What each of them may take, as in 80GB or 74GiB.", valueName: "size"))
  var memory: String

  @Option(help: RankSettings.help("shard"))
  var shard = Sharding.optimizer

  @OptionGroup(title: "Training") var adapter: Options<AdapterSettings>

  @Option(help: OptimizationSettings.help("optimizer"))
  var optimizer = OptimizationSettings.Optimizer.adamw

  @Option(help: OptimizationSettings.help("micro-tokens"))
  var microTokens = 2048

  @Option(help: ArgumentHelp("Tokens of a step, of all its examples together.", valueName: "n"))
  var stepTokens = 32 * 1024

  @Option(help: ArgumentHelp("Tokens of the longest example.", valueName: "n"))
  var longest = 2048

  @Option(help: ArgumentHelp("Floating-point operations a second of a rank, in 10^12.", valueName: "rate"))
  var teraflops: Double?

  @Option(help: ArgumentHelp("What a rank sends and receives in a second, in 10^9 bytes.", valueName: "rate"))
  var gigabytesPerSecond: Double?

  func validate() throws {
    guard (1...4096).contains(ranks) else { throw ValidationError("--ranks must be from 1 to 4096, not \(ranks)") }
    guard Self.bytes(memory) != nil else {
      throw ValidationError("--memory is a number with MB, GB, TB, MiB, GiB or TiB, as in 80GB, not '\(memory)'")
    }
    for (name, value) in [("micro-tokens", microTokens), ("step-tokens", stepTokens), ("longest", longest)] {
      guard (1...1_000_000_000).contains(value) else {
        throw ValidationError("--\(name) must be from 1 to 1000000000, not \(value)")
      }
    }
    for (name, rate) in [("teraflops", teraflops), ("gigabytes-per-second", gigabytesPerSecond)] {
      guard rate.map({ $0 > 0 && $0.isFinite }) ?? true else {
        throw ValidationError("--\(name) must be greater than 0")
      }
    }
  }

  func run() throws {
    let config = try config()
    var plan = ClusterPlan(config, memory: Self.bytes(memory) ?? 0)
    plan.adapter = adapter.group.config(base: model, of: config)
    plan.baseFormat = adapter.group.baseType.format ?? .bfloat16
    plan.moments = optimizer.moments
    plan.sharding = shard
    plan.ranks = ranks
    plan.tokensPerStep = stepTokens
    plan.longest = longest
    plan.microTokens = microTokens
    try output(text(plan))
  }

  private func config() throws -> LlamaConfig {
    guard model.hasSuffix(".json") else { return try ModelFolder(Named.model(model)).config }
    return try LlamaConfig(path: model)
  }

  private func text(_ plan: ClusterPlan) -> String {
    let estimate = plan.estimate
    func gigabytes(_ bytes: Int) -> String { String(format: "%.1f GB", Double(bytes) / 1e9) }
    func millions(_ count: Int) -> String { String(format: "%.1f million", Double(count) / 1e6) }
    let total = plan.config.architecture.parameterCount
    let trained = plan.adapter == nil ? "all of which train" : "beside which \(millions(plan.trainedCount)) train"
    var lines = [
      "\(millions(total)) parameters, \(trained)", "",
      "memory of each of \(plan.ranks) rank\(plan.ranks == 1 ? "" : "s"), with --shard \(plan.sharding.rawValue):",
    ]
    for part in estimate.parts + [MemoryEstimate.Part("together", estimate.total)] {
      lines.append("  " + part.name.padding(toLength: 24, withPad: " ", startingAt: 0) + gigabytes(part.bytes))
    }
    lines.append(
      plan.fits
        ? "  which fits \(memory)"
          + (estimate.recomputedLayers > 0
            ? ", with \(estimate.recomputedLayers) of \(plan.config.layerCount) layers computed again" : "")
        : "  which does not fit \(memory)")
    lines += ["", "a step of \(plan.tokensPerStep) tokens:"]
    lines.append("  each rank sends and receives \(gigabytes(plan.bytesSent))" + seconds(plan.bytesSent))
    lines.append(
      String(format: "  and does %.1f x 10^12 operations", plan.operations / 1e12) + seconds(plan.operations))
    lines += ["", "the fewest ranks of \(memory) each:"]
    var (full, adapted) = (plan, plan)
    full.adapter = nil
    adapted.adapter = plan.adapter ?? Self.usualAdapter(model, of: plan.config)
    let rank = adapted.adapter?.rank ?? 0
    let splits = [Sharding.optimizer, .all].map { sharding in
      var plan = full
      plan.sharding = sharding
      return ("all weights", plan)
    }
    for (name, plan) in splits + [("an adapter of rank \(rank)", adapted)] {
      let shard = plan.sharding == .none ? "" : ", --shard \(plan.sharding.rawValue)"
      lines.append(
        "  \(name)\(shard): "
          + (plan.fewestRanks().map(String.init)
            ?? "no number is enough; each needs \(gigabytes(plan.leastMemory)) at least"))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func seconds(_ bytes: Int) -> String {
    gigabytesPerSecond.map { String(format: ", in %.1f s", Double(bytes) / 1e9 / $0) } ?? ""
  }

  private func seconds(_ operations: Double) -> String {
    teraflops.map { String(format: ", in %.1f s", operations / 1e12 / $0) } ?? ""
  }

  private static func usualAdapter(_ model: String, of config: LlamaConfig) -> AdapterConfig? {
    var settings = AdapterSettings()
    settings.loraRank = 64
    return settings.config(base: model, of: config)
  }

  /// The bytes that a text like `80GB` says.
  private static func bytes(_ text: String) -> Int? {
    let units = ["MB": 1e6, "GB": 1e9, "TB": 1e12, "MiB": 0x1p20, "GiB": 0x1p30, "TiB": 0x1p40]
    guard let (unit, factor) = units.first(where: { text.hasSuffix($0.key) }),
      let number = Double(text.dropLast(unit.count).trimmingCharacters(in: .whitespaces)), number > 0, number < 1e6
    else { return nil }
    return Int(number * factor)
  }
}

extension OptimizationSettings.Optimizer: ExpressibleByArgument {}
extension Sharding: ExpressibleByArgument {}
