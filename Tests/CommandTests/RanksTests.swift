import Foundation
import JSON
import ModelFiles
import TestSupport
import Testing

/// Several processes that train together, by every launcher that is installed.
@Suite(.serialized) struct RanksTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  /// What is trained: a command with few steps, and the file of what it trains.
  enum Training: CaseIterable {
    case dpo, sft, lora, narrow, moving, kto, bco, reward

    var arguments: [String] {
      switch self {
      case .dpo: Workplace.dpo + ["--max-steps", "6", "--eval-fraction", "0.2", "--micro-tokens", "64"]
      case .sft: Workplace.sft + ["--max-steps", "6", "--weight-decay", "0.1"]
      case .lora: Workplace.dpo + ["--max-steps", "6", "--lora-rank", "4", "--optimizer", "adamw8bit"]
      // One example a step: the other ranks stand by.
      case .moving:
        Workplace.dpo + ["--max-steps", "5", "--batch-size", "1", "--reference-sync-steps", "2", "--save-every", "3"]
      case .kto: ["kto"] + Workplace.dpo.dropFirst() + ["--max-steps", "4"]
      case .bco: ["bco"] + Workplace.dpo.dropFirst() + ["--max-steps", "4"]
      case .reward: ["reward"] + Workplace.dpo.dropFirst() + ["--max-steps", "4"]
      case .narrow: Workplace.dpo + ["--max-steps", "3", "--lora-rank", "4", "--base-type", "nf4"]
      }
    }

    /// The losses that are trained in all weights and by adapters, each way of summing among them.
    static let usual = [dpo, sft, lora]

    var file: String { self == .lora || self == .narrow ? "adapter_model.safetensors" : "model.safetensors" }
  }

  @Test(arguments: Training.usual)
  func ranksDoWhatOneProcessDoes(training: Training) throws {
    try place.run(training.arguments + ["--output", "one"]).succeeded()
    let launchers = Launcher.present
    for (count, shards) in [(2, ["none", "optimizer"]), (4, ["optimizer"])] {
      var first: String?
      for (launcher, shard) in zip(launchers + launchers, shards + (count == 2 ? ["none"] : [])) {
        let run = "\(launcher)-\(count)-\(shard)"
        let outcome = try launcher.run(count, training.arguments + ["--shard", shard, "--output", run], in: place)
        outcome.succeeded()
        #expect(outcome.output == "\(run)\n", "only the first rank prints: \(outcome)")
        #expect(outcome.errors.contains("\(count) ranks by "), "\(outcome)")
        #expect(outcome.errors.components(separatedBy: "memory a rank: ").count == 2, "\(outcome)")
        try expectNear(run, "one", training)
        // The number of ranks decides the bits, and neither what carries nor what is split.
        if let first { try expectSameBits(run, first, training) }
        first = first ?? run
      }
    }
  }

  /// Ranks that keep a model together sum gradients micro-batch by micro-batch: their bits are their own.
  @Test(arguments: Training.allCases)
  func ranksThatKeepAModelTogetherDoWhatOneProcessDoes(training: Training) throws {
    try place.run(training.arguments + ["--output", "one"]).succeeded()
    let isUsual = Training.usual.contains(training)
    let launches = isUsual ? [(Launcher.present[0], 2), (.torchrun, 2), (.torchrun, 4)] : [(.torchrun, 2)]
    for (index, (launcher, count)) in launches.enumerated() {
      let run = "all-\(index)"
      try launcher.run(count, training.arguments + ["--shard", "all", "--output", run], in: place).succeeded()
      try expectNear(run, "one", training)
    }
    if isUsual { try expectSameBits("all-0", "all-1", training) }
  }

  /// Sums in bfloat16 are rounded where they are kept: the number of ranks decides their bits, and a run that stopped repeats them.
  @Test func ranksSumGradientsInBFloat16() throws {
    let arguments = Workplace.dpo + ["--max-steps", "6", "--gradient-dtype", "bfloat16", "--micro-tokens", "64"]
    try place.run(Workplace.dpo + ["--max-steps", "6", "--output", "one"]).succeeded()
    let ranks = arguments + ["--shard", "all", "--save-every", "3", "--keep", "2", "--output"]
    for (run, launcher) in zip(["first", "second"], [.torchrun, Launcher.present[0]]) {
      try launcher.run(2, ranks + [run], in: place).succeeded()
    }
    try expectSameBits("first", "second", .dpo)
    try FileManager.default.removeItem(at: place.url("second/checkpoint-6"))
    try Launcher.torchrun.run(2, ranks + ["second", "--resume"], in: place).succeeded()
    try expectSameBits("first", "second", .dpo)
    let losses = try ["first", "one"].map { try place.metrics($0).compactMap { $0["loss"]?.double } }
    #expect(losses[0].count == losses[1].count && losses[0][0] == losses[1][0])
    for (own, expected) in zip(losses[0], losses[1]) { #expect(abs(own - expected) < 2e-3 * expected) }
    let refused = try Launcher.torchrun.run(2, arguments + ["--output", "third"], in: place)
    #expect(
      refused.errors.contains("Error: --gradient-dtype bfloat16 on several ranks needs --shard all"), "\(refused)")
  }

  /// Two ranks whose numbers NCCL carries, by a stand-in for it, whoever carries their words: sums of two have one order only.
  @Test(
    .enabled(if: StandInNCCL.folder != nil),
    arguments: zip(["none", "optimizer", "all"], Launcher.present + Array(repeating: .torchrun, count: 2)))
  func numbersThatNCCLCarriesAreThoseThatOthersDo(shard: String, launcher: Launcher) throws {
    let arguments = Workplace.dpo + ["--max-steps", "4", "--save-every", "2", "--keep", "2", "--shard", shard]
    try Launcher.torchrun.run(2, arguments + ["--output", "tcp"], in: place).succeeded()
    let outcome = try launcher.run(2, arguments + ["--output", "nccl"], in: place, environment: Self.standIn)
    outcome.succeeded()
    #expect(outcome.errors.contains("2 ranks by NCCL 2.99.99, told by "), "\(outcome)")
    try place.expectSame("nccl", "tcp")
    // Checkpoints are what the first rank has collected.
    try FileManager.default.removeItem(at: place.url("nccl/checkpoint-4"))
    try launcher.run(2, arguments + ["--output", "nccl", "--resume"], in: place, environment: Self.standIn).succeeded()
    try place.expectSame("nccl", "tcp")
  }

  @Test(.enabled(if: StandInNCCL.folder != nil)) func ncclsErrorsAreOneLine() throws {
    let arguments = Workplace.sft + ["--epochs", "900", "--collective-timeout", "3"]
    // This version computes in the host's memory.
    let host = try Launcher.torchrun.run(
      2, arguments + ["--output", "host"], in: place,
      environment: Self.standIn.merging(["CARAVAN_TEST_HOST_MEMORY": "1"]) { $1 })
    #expect(
      host.errors.contains(
        "Error: NCCL 2.99.99 carries what lies in a GPU's memory, and these numbers lie in the host's; unset CARAVAN_NCCL (rank "
      ),
      "\(host)")
    let missing = try Launcher.torchrun.run(
      2, arguments + ["--output", "missing"], in: place, environment: ["CARAVAN_NCCL": "libnone.so"])
    #expect(missing.status != 0 && missing.errors.contains("Error: CARAVAN_NCCL names a library"), "\(missing)")

    let folder = place.url("hung").path
    let ranks = try Launcher.torchrun.start(2, arguments + ["--output", folder], in: place, environment: Self.standIn)
    try ranks.until { ((try? place.metrics("hung").count) ?? 0) > 2 }
    let victim = try #require(Ranks.processes(writing: folder).last)
    kill(victim, SIGSTOP)
    try ranks.until { try ranks.errors.contains("Error: waited 3 s for ") }
    kill(victim, SIGKILL)
    #expect(try ranks.outcome().error?.contains(" --collective-timeout allows (rank ") ?? false)
  }

  /// Where the stand-in is found as NCCL and the CUDA driver are.
  private static let standIn = [
    "CARAVAN_NCCL": "libnccl.so.2", "LD_LIBRARY_PATH": StandInNCCL.folder ?? "",
  ]

  @Test(arguments: Launcher.present.map { ($0, "optimizer") } + [(.torchrun, "all")])
  func aKilledRankEndsAllAndTheRunGoesOn(launcher: Launcher, shard: String) throws {
    // But for ranks that keep a model together, what is split decides no bit.
    let split = ["--shard", shard == "all" ? "all" : "none"]
    let arguments = Workplace.dpo + ["--epochs", "20", "--max-steps", "30", "--save-every", "3", "--keep", "2"]
    try launcher.run(2, arguments + split + ["--output", "whole"], in: place).succeeded()
    let folder = place.url("killed").path
    let ranks = try launcher.start(2, arguments + ["--shard", shard, "--output", folder], in: place)
    try ranks.until { ((try? place.metrics("killed").count) ?? 0) > 4 }
    usleep(UInt32.random(in: 0..<100_000))
    let victim = try #require(Ranks.processes(writing: folder).randomElement())
    kill(victim, SIGKILL)
    let start = ContinuousClock.now
    let outcome = try ranks.outcome()
    #expect(outcome.status != 0 || outcome.isSignal, "\(outcome)")
    // A launcher may end a moment before the ranks that it has killed.
    while !Ranks.processes(writing: folder).isEmpty, ContinuousClock.now - start < .seconds(10) { usleep(10_000) }
    #expect(ContinuousClock.now - start < .seconds(10))
    try launcher.run(2, arguments + split + ["--output", folder, "--resume"], in: place).succeeded()
    try place.expectSame("killed", "whole")
  }

  @Test(arguments: [(Training.lora, "optimizer"), (.lora, "all"), (.dpo, "all")])
  func aRunGoesOnWithAnotherNumberOfRanks(training: Training, shard: String) throws {
    let arguments = training.arguments
    try place.run(arguments + ["--output", "one"]).succeeded()
    try Launcher.torchrun.run(
      3, arguments + ["--save-every", "2", "--keep", "3", "--shard", shard, "--output", "parts"], in: place
    ).succeeded()
    for folder in ["checkpoint-4", "checkpoint-6"] {
      try FileManager.default.removeItem(at: place.url("parts/\(folder)"))
    }
    try Launcher.torchrun.run(
      2, arguments + ["--shard", shard, "--output", "parts", "--resume"], in: place
    ).succeeded()
    try expectNear("parts", "one", training)
    // One process reads what several have written.
    try FileManager.default.removeItem(at: place.url("parts/README.md"))
    try place.run(arguments + ["--output", "parts", "--resume"]).succeeded()
    try expectNear("parts", "one", training)
  }

  @Test(arguments: Launcher.present)
  func aSignalSavesOnAllRanks(launcher: Launcher) throws {
    let arguments = Workplace.sft + ["--epochs", "20", "--max-steps", "40"]
    let folder = place.url("stopped").path
    let ranks = try launcher.start(2, arguments + ["--output", folder], in: place)
    try ranks.until { ((try? place.metrics("stopped").count) ?? 0) > 2 }
    // It reaches one of them only, whichever.
    kill(try #require(Ranks.processes(writing: folder).randomElement()), SIGUSR1)
    let outcome = try ranks.outcome()
    #expect(outcome.status != 0, "\(outcome)")
    #expect(outcome.errors.contains("continue with --resume"), "\(outcome)")
    #expect(try place.names("stopped").contains { $0.hasPrefix("checkpoint-") })
    try launcher.run(2, arguments + ["--output", "stopped", "--resume"], in: place).succeeded()
    try launcher.run(2, arguments + ["--output", "whole"], in: place).succeeded()
    try place.expectSame("stopped", "whole")
  }

  /// A signal that reaches one rank ends answers and measurements of all, which the resumed run gives and makes again.
  @Test func aSignalGivesUpAnswersAndMeasurements() throws {
    let arguments = [
      "grpo", "--model", Workplace.model, "--data", Workplace.pairs, "--reward", "regex:[a-m]", "--threads", "1",
      "--batch-size", "4", "--group-size", "4", "--max-tokens", "100", "--max-steps", "16", "--epochs", "9",
      "--learning-rate", "1e-3", "--eval-fraction", "0.5", "--eval-every", "1",
    ]
    try Launcher.torchrun.run(2, arguments + ["--output", "whole"], in: place).succeeded()
    let folder = place.url("stopped").path
    for round in 0..<3 {
      let ranks = try Launcher.torchrun.start(
        2, arguments + ["--output", folder] + (round > 0 ? ["--resume"] : []), in: place)
      try ranks.until { ((try? place.metrics("stopped").count) ?? 0) > 4 * round + 1 }
      usleep(UInt32.random(in: 0..<300_000))
      kill(try #require(Ranks.processes(writing: folder).randomElement()), SIGUSR1)
      let outcome = try ranks.outcome()
      #expect(outcome.status != 0 && outcome.errors.contains("continue with --resume"), "\(outcome)")
    }
    try Launcher.torchrun.run(2, arguments + ["--output", folder, "--resume"], in: place).succeeded()
    try place.expectSame("stopped", "whole")
  }

  @Test(arguments: Launcher.present)
  func aRankThatHangsIsNamed(launcher: Launcher) throws {
    let folder = place.url("hung").path
    let ranks = try launcher.start(
      2, Workplace.sft + ["--epochs", "900", "--collective-timeout", "5", "--output", folder], in: place)
    try ranks.until { ((try? place.metrics("hung").count) ?? 0) > 2 }
    let victim = try #require(Ranks.processes(writing: folder).last)
    kill(victim, SIGSTOP)
    try ranks.until { try ranks.errors.contains("Error: waited 5 s for rank ") }
    // Only what MPI's launchers started they end too.
    if launcher == .torchrun { kill(victim, SIGKILL) }
    let outcome = try ranks.outcome()
    #expect(outcome.status != 0 || outcome.isSignal)
    let error = try #require(outcome.error)
    #expect(
      error.hasPrefix("waited 5 s for rank ") && error.contains(" --collective-timeout allows (rank "), "\(error)")
  }

  @Test(arguments: Launcher.present)
  func anErrorIsSaidOnce(launcher: Launcher) throws {
    let missing = try launcher.run(
      2, ["sft", "--model", "none", "--data", "none.jsonl", "--output", "none"], in: place)
    // Nobody ends the other ranks here where torchrun itself would.
    let isSaidOnce = launcher == .torchrun || missing.errors.components(separatedBy: "Error: ").count == 2
    #expect(missing.status != 0 && isSaidOnce, "\(missing)")
    #expect(missing.errors.contains(" (rank 0 on "), "\(missing)")
    // What is wrong on one host is said by its rank.
    let usage = try launcher.run(2, Workplace.sft + ["--output", "a", "--shard", "al"], in: place)
    #expect(usage.status != 0 && usage.errors.components(separatedBy: "Error: ").count == 2, "\(usage)")
  }

  /// The runs of a sweep follow one another on all ranks, which leave one whose loss is no number together, although each needs the
  /// others' part of the model for its own pass.
  @Test func aSweepRunsOnAllRanks() throws {
    let arguments =
      Workplace.dpo + [
        "--max-steps", "20", "--epochs", "9", "--warmup-ratio", "0", "--max-grad-norm", "0", "--shard", "all",
        "--sweep", "learning-rate=1e-3,1e38,1e-4",
      ]
    let whole = try Launcher.torchrun.run(2, arguments + ["--output", "whole"], in: place)
    whole.succeeded()
    #expect(whole.output.hasPrefix("2 runs, 1 not finished; the best by loss (lowest): learning-rate "), "\(whole)")
    #expect(
      whole.errors.components(separatedBy: "this run has diverged and is left unfinished: step 2: the loss is not ")
        .count
        == 2, "\(whole)"
    )
    let folder = place.url("sweep").path
    let ranks = try Launcher.torchrun.start(2, arguments + ["--output", folder], in: place)
    try ranks.until { ((try? place.metrics("sweep/learning-rate-0.001").count) ?? 0) > 3 }
    kill(try #require(Ranks.processes(writing: folder).randomElement()), SIGUSR1)
    let stopped = try ranks.outcome()
    #expect(stopped.status != 0 && stopped.errors.contains("continue with --resume"), "\(stopped)")
    let resumed = try Launcher.torchrun.run(2, arguments + ["--output", folder, "--resume"], in: place)
    resumed.succeeded()
    #expect(resumed.output == whole.output)
    for run in ["learning-rate-0.001", "learning-rate-0.0001"] { try place.expectSame("sweep/\(run)", "whole/\(run)") }
  }

  @Test func answersOfSeveralRanksAreThoseOfOne() throws {
    let arguments = [
      "grpo", "--model", Workplace.model, "--data", Workplace.pairs, "--reward", "regex:[a-m]", "--threads", "1",
      "--batch-size", "4", "--group-size", "4", "--max-tokens", "8", "--max-steps", "3", "--learning-rate", "1e-3",
    ]
    try place.run(arguments + ["--output", "one"]).succeeded()
    try Launcher.torchrun.run(2, arguments + ["--output", "two"], in: place).succeeded()
    // Those of the first step: later weights differ in their last bits.
    let samples = try ["one", "two"].map { try place.text("\($0)/samples.jsonl").split(separator: "\n").prefix(16) }
    #expect(samples[0] == samples[1] && samples[0].count == 16)
    try expectNear("two", "one", .dpo, figures: ["reward", "grad_norm"], within: 1e-5)
  }

  /// Expects losses within 10⁻⁶ of one another, and weights to rounding.
  private func expectNear(
    _ run: String, _ other: String, _ training: Training, figures: [String] = ["loss", "eval_loss"],
    within tolerance: Double = 1e-6, _ location: SourceLocation = #_sourceLocation
  ) throws {
    for name in figures {
      let losses = try [run, other].map { try place.metrics($0).compactMap { $0[name]?.double } }
      #expect(losses[0].count == losses[1].count, sourceLocation: location)
      for (own, expected) in zip(losses[0], losses[1]) {
        #expect(
          abs(own - expected) <= tolerance * abs(expected), "\(run) \(name): \(own), not \(expected)",
          sourceLocation: location)
      }
    }
    let weights = try [run, other].map { try SafetensorsFile(place.url("\($0)/\(training.file)")).tensors }
    for (own, expected) in zip(weights[0], weights[1]) {
      #expect(own.name == expected.name && own.shape == expected.shape, sourceLocation: location)
      let difference = zip(try own.floats(), try expected.floats()).map { abs($0 - $1) }.max() ?? 0
      #expect(difference <= 1e-6, "\(run) \(own.name): \(difference)", sourceLocation: location)
    }
  }

  private func expectSameBits(
    _ run: String, _ other: String, _ training: Training, _ location: SourceLocation = #_sourceLocation
  ) throws {
    #expect(try place.course(run) == place.course(other), "\(run), \(other)", sourceLocation: location)
    let files = try [run, other].map { try Data(contentsOf: place.url("\($0)/\(training.file)")) }
    #expect(files[0] == files[1], "\(run), \(other)", sourceLocation: location)
  }
}
