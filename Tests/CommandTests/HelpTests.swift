import Foundation
import JSON
import Testing

/// What `caravan` says of itself.
@Suite struct HelpTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  static let commands = [
    ["sft"], ["dpo"], ["kto"], ["bco"], ["reward"], ["ppo"], ["grpo"], ["rloo"], ["online-dpo"], ["score"], ["eval"],
    ["data", "preview"],
    ["data", "stats"],
    ["data", "ultrafeedback"],
    ["data", "convert"],
    ["data", "filter"], ["data", "dedupe"], ["data", "decontaminate"], ["data", "mix"], ["data", "split"],
    ["generate"], ["chat"], ["serve"], ["merge"], ["plan"], ["export", "gguf"], ["export", "safetensors"], ["download"],
    ["upload"],
    ["quickstart"],
  ]

  @Test func theFirstPageSaysHowToBegin() throws {
    let text = """
      OVERVIEW: Trains language models on examples and on preferences.

      A typical workflow:
        caravan data preview --model MODEL --data pairs.jsonl
        caravan sft --model MODEL --data chats.jsonl --output assistant-sft
        caravan dpo --model assistant-sft --data pairs.jsonl --output assistant-dpo
        caravan generate --model assistant-dpo "What is a caravan?"

      Without a model or data of your own, 'caravan quickstart' shows all of this in
      miniature.

      USAGE: caravan <subcommand>

      OPTIONS:
        --version               Show the version.
        -h, --help              Show help information.

      SUBCOMMANDS:
        sft                     Teaches a model from conversations (supervised
                                fine-tuning).
        dpo                     Aligns a model with pairs of better and worse answers.
        kto                     Aligns a model with single answers that are rated
                                good or bad (KTO).
        bco                     Aligns a model with single answers that are rated
                                good or bad (BCO).
        reward                  Trains a reward model, which scores answers, with
                                pairs of better and worse ones.
        ppo                     Aligns a model with its own answers, what they are
                                worth and a value model (PPO).
        grpo                    Aligns a model with groups of its own answers and
                                what they are worth (GRPO).
        rloo                    Aligns a model with groups of its own answers and
                                what they are worth (RLOO).
        online-dpo              Aligns a model with pairs of its own answers, which
                                rewards compare (online DPO).
        data                    Inspects, converts and transforms data for training.
        score                   Scores answers, or the answers of pairs, with a
                                reward model.
        eval                    Evaluates a model by benchmarks, or compares two.
        generate                Answers prompts, or continues raw text.
        chat                    Talks with a model in the terminal.
        serve                   Serves a model, or two for comparison, as a web page
                                and an HTTP API.
        merge                   Merges a LoRA adapter into its model.
        plan                    Says what training would need of each of several
                                ranks, without weights.
        export                  Writes a model in the formats of other programs.
        download                Fetches a model or a data set from the Hugging Face
                                hub.
        upload                  Puts a model's or a data set's folder on the Hugging
                                Face hub.
        quickstart              Shows the whole recipe in miniature: data, SFT, DPO,
                                and what DPO changed.

        See 'caravan help <subcommand>' for detailed help.

      """
    for arguments in [[], ["--help"], ["help"]] { #expect(try place.run(arguments).succeeded().output == text) }
    #expect(try place.run(["--version"]).succeeded().output == "0.2.0\n")
  }

  @Test(arguments: commands) func eachCommandHasExamplesAndFitsATerminal(command: [String]) throws {
    let help = try place.run(command + ["--help"]).succeeded().output
    #expect(help == (try place.run(["help"] + command).succeeded().output))
    #expect(help.contains("\nExamples:\n  caravan \(command.joined(separator: " "))"))
    // Fewer columns than a narrow terminal has, examples unbroken; but the usage is a line of its own.
    for line in help.split(separator: "\n") { #expect(line.count <= (line.hasPrefix("USAGE") ? 120 : 80), "\(line)") }
    let examples = help.split(separator: "\n", omittingEmptySubsequences: false).drop { $0 != "Examples:" }.dropFirst()
    for line in examples.prefix(while: { !$0.isEmpty }) { #expect(line.hasPrefix("  "), "\(line)") }
    for line in help.split(separator: "\n") where line.hasPrefix("  caravan") {
      #expect(line.count < 80 && line.count { $0 == "\"" } % 2 == 0, "\(line)")
    }
  }

  @Test func oneOptionHasOneMeaning() throws {
    var meanings: [String: String] = [:]
    for command in Self.commands {
      let dump = try place.run(command + ["--experimental-dump-help"]).succeeded().output
      let arguments = try #require(JSON(parsing: dump)["command"]?["arguments"]?.array)
      for argument in arguments {
        guard var name = argument["preferredName"]?["name"]?.string else { continue }
        // Data go to files, models and runs to folders. Types are of products, or of what is written. Each method has its losses.
        if ["beta", "loss"].contains(name) { name += " of \(command[0])" }
        if name == "output", ["data", "score"].contains(command[0]) { name = "output of data" }
        if name == "max-length", command[0] == "score" { continue }
        // Each task has data of its own, and its results lie together; it is asked as somebody asked it.
        if ["as", "data", "output"].contains(name), command[0] == "eval" { continue }
        if name == "temperature", ["ppo", "grpo", "rloo", "online-dpo"].contains(command[0]) { name += " of rollouts" }
        if ["output", "dtype"].contains(name), ["export", "merge"].contains(command[0]) { continue }
        if name == "model", ["merge", "plan"].contains(command[0]) { continue }
        // Rules need no server.
        if name == "reward", command[0] == "serve" { continue }
        let abstract = try #require(argument["abstract"]?.string, "--\(name) of \(command) says nothing")
        // What recipes say of values and defaults is part of their help; elsewhere it stands apart.
        let meaning = abstract.replacing(#/ \((values|default): .*\)/#, with: "")
        #expect(meanings[name] == nil || meanings[name] == meaning, "--\(name)")
        meanings[name] = meaning
      }
    }
    #expect(meanings.count > 40)
  }
}
