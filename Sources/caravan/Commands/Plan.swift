import Alignment
import ArgumentParser
import Foundation
import Llama
import ModelFiles
import Recipes
import Text
import Torch
import Training

/// `caravan plan`: what a training would need of a cluster.
struct Plan: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Says what training would need of each of several ranks, without weights.",
    usage: "caravan plan --model <path> --memory <size> [--ranks <n>] [--data <path> ...] [<options>]",
    discussion: """
      It reads nothing but the model's config.json and, with --data, its tokenizer and the data, whose lengths then decide what \
      steps are like. Memory is what training estimates before it begins. Times follow from the rates that are given, of \
      processors or of GPUs: measure them with a short run.

      Examples:
        caravan plan --model Llama-2-13b-hf --ranks 4 --memory 256GB
        caravan plan --model config.json --ranks 2 --memory 80GB --lora-rank 64
        caravan plan --model Llama-2-13b-hf --data pairs.jsonl --ranks 8 \\
          --memory 256GB --teraflops 1.5 --gigabytes-per-second 1.2
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

  @Option(help: OptimizationSettings.help("gradient-dtype"))
  var gradientDtype = DType.float32

  @Option(help: OptimizationSettings.help("micro-tokens"))
  var microTokens = 2048

  @Option(parsing: .upToNextOption, help: DataSettings.help("data"))
  var data: [String] = []

  @Option(help: DataSettings.help("max-length"))
  var maxLength: Int?

  @Flag(help: DataSettings.help("skip-invalid"))
  var skipInvalid = false

  @Option(help: ModelSettings.help("chat-template"))
  var chatTemplate: String?

  @Option(help: DPOPace.help("batch-size"))
  var batchSize: Int?

  @Option(
    help: ArgumentHelp(
      "Tokens of a step, of all its examples together, where there are no data. (default: 32768)", valueName: "n"))
  var stepTokens: Int?

  @Option(help: ArgumentHelp("Tokens of the longest example, where there are no data. (default: 2048)", valueName: "n"))
  var longest: Int?

  @Option(help: ArgumentHelp("Floating-point operations a second of a rank, in 10^12.", valueName: "rate"))
  var teraflops: Double?

  @Flag(
    help:
      "Measure that rate here for a few seconds, with all threads and in float32, as that of a rank like this machine.")
  var measure = false

  @Option(help: ArgumentHelp("What a rank sends and receives in a second, in 10^9 bytes.", valueName: "rate"))
  var gigabytesPerSecond: Double?

  func validate() throws {
    guard (1...4096).contains(ranks) else { throw ValidationError("--ranks must be from 1 to 4096, not \(ranks)") }
    guard Self.bytes(memory) != nil else {
      throw ValidationError("--memory is a number with MB, GB, TB, MiB, GiB or TiB, as in 80GB, not '\(memory)'")
    }
    for case (let name, let value?) in [
      ("micro-tokens", microTokens), ("step-tokens", stepTokens), ("longest", longest), ("batch-size", batchSize),
      ("max-length", maxLength.map { $0 - 1 }),
    ] {
      guard (1...1_000_000_000).contains(value) else {
        throw ValidationError(
          name == "max-length"
            ? "--max-length must be at least 2" : "--\(name) must be from 1 to 1000000000, not \(value)")
      }
    }
    guard !measure || teraflops == nil else { throw ValidationError("give --teraflops or --measure, not both") }
    guard gradientDtype == .float32 || adapter.group.loraRank == nil && (ranks == 1 || shard == .all) else {
      throw ValidationError(
        "--gradient-dtype is for training all weights, and on several ranks it needs --shard all")
    }
    for (name, isGiven) in [("step-tokens", stepTokens != nil), ("longest", longest != nil)] where isGiven {
      guard data.isEmpty else { throw ValidationError("--\(name) follows from --data; leave one of them out") }
    }
    for (name, isGiven) in [
      ("max-length", maxLength != nil), ("skip-invalid", skipInvalid), ("chat-template", chatTemplate != nil),
      ("batch-size", batchSize != nil),
    ] where isGiven {
      guard !data.isEmpty else { throw ValidationError("--\(name) is of the data; add --data") }
    }
    for (name, rate) in [("teraflops", teraflops), ("gigabytes-per-second", gigabytesPerSecond)] {
      guard rate.map({ $0 > 0 && $0.isFinite }) ?? true else {
        throw ValidationError("--\(name) must be greater than 0")
      }
    }
  }

  mutating func run() throws {
    let config = try config()
    var plan = ClusterPlan(config, memory: Self.bytes(memory) ?? 0)
    plan.adapter = adapter.group.config(base: model, of: config)
    plan.baseFormat = adapter.group.baseType.format ?? .bfloat16
    plan.moments = optimizer.moments
    plan.gradients = gradientDtype
    plan.sharding = shard
    plan.ranks = ranks
    plan.microTokens = microTokens
    plan.tokensPerStep = stepTokens ?? plan.tokensPerStep
    plan.longest = longest ?? plan.longest
    plan.data = try plannedData(config)
    if measure {
      try MachineSettings().start()
      teraflops = try plan.measuredRate() / 1e12
      note(String(format: "measured here: %.3f x 10^12 operations a second", teraflops ?? 0))
    }
    try output(text(plan))
  }

  private func config() throws -> LlamaConfig {
    guard model.hasSuffix(".json") else { return try ModelFolder(Named.model(model)).config }
    return try LlamaConfig(path: model)
  }

  private func plannedData(_ config: LlamaConfig) throws -> PlannedData? {
    guard !data.isEmpty else { return nil }
    let folder =
      model.hasSuffix(".json")
      ? URL(filePath: model).deletingLastPathComponent()
      : try ModelFolder.tokenizerFolder(Named.model(model), adapter: nil, locating: Named.model)
    let format = try ChatFormat(folder: folder, name: model, template: chatTemplate) { note($0) }
    var settings = DataSettings()
    (settings.maxLength, settings.skipInvalid) = (maxLength, skipInvalid)
    return try PlannedData(
      Named.data(data), SequenceBuilder(format: format), limits: settings.limits([config]), batchSize: batchSize
    ) { note($0) }
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
    if let data = plan.data {
      let mean = Double(data.lengths.reduce(0, +)) / Double(data.lengths.count)
      lines += [
        "",
        String(format: "%d examples of %.0f tokens on average and %d at most: ", data.lengths.count, mean, data.longest)
          + "\(data.stepsPerEpoch) steps of \(data.batchSize) an epoch",
      ]
    }
    lines += ["", "a step of \(plan.data == nil ? "" : "about ")\(plan.tokensPerStep) tokens:"]
    lines.append("  each rank sends and receives \(gigabytes(plan.bytesSent))" + seconds(plan.bytesSent))
    let who = plan.data == nil || plan.ranks == 1 ? "and does" : "and the busiest does"
    lines.append(
      "  " + String(format: "\(who) %.1f x 10^12 operations", plan.operations / 1e12) + seconds(plan.operations))
    lines += times(plan)
    lines += ["", "the fewest ranks of \(memory) each:"]
    var (full, adapted) = (plan, plan)
    full.adapter = nil
    adapted.adapter = plan.adapter ?? Self.usualAdapter(model, of: plan.config)
    let rank = adapted.adapter?.rank ?? 0
    for (name, plan) in [("all weights", full), ("an adapter of rank \(rank)", adapted)] {
      for sharding in [Sharding.optimizer, .all] {
        var plan = plan
        plan.sharding = sharding
        lines.append(
          "  \(name), --shard \(sharding.rawValue): "
            + (plan.fewestRanks().map(String.init)
              ?? "no number is enough; each needs \(gigabytes(plan.leastMemory)) at least"))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// How long steps and epochs take, where the rates say it.
  private func times(_ plan: ClusterPlan) -> [String] {
    guard let teraflops,
      let sending = plan.ranks == 1 ? 0 : gigabytesPerSecond.map({ Double(plan.bytesSent) / 1e9 / $0 })
    else { return [] }
    let step = plan.operations / 1e12 / teraflops + sending
    guard let data = plan.data else { return [String(format: "  together %.1f s", step)] }
    let epoch = step * Double(data.stepsPerEpoch)
    let scoring = plan.scoringOperations.map {
      String(format: "; the reference reads the data once before, in %.0f s", $0 / 1e12 / teraflops)
    }
    return [String(format: "  together %.1f s, and an epoch %.0f s", step, epoch) + (scoring ?? "")]
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
extension DType: ExpressibleByArgument {}
