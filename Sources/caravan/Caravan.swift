import ArgumentParser
import Collectives
import Foundation
import Reporting
import Wording

/// The command line: `caravan sft`, `caravan dpo`, and what goes with them.
struct Caravan: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "caravan",
    abstract: "Trains language models on examples and on preferences.",
    discussion: """
      A typical workflow:
        caravan data preview --model MODEL --data pairs.jsonl
        caravan sft --model MODEL --data chats.jsonl --output assistant-sft
        caravan dpo --model assistant-sft --data pairs.jsonl --output assistant-dpo
        caravan generate --model assistant-dpo "What is a caravan?"

      Without a model or data of your own, 'caravan quickstart' shows all of this in miniature.
      """,
    version: "0.2.0",
    subcommands: [
      SFT.self, DPO.self, KTO.self, BCO.self, Reward.self, PPO.self, GRPO.self, RLOO.self, OnlineDPO.self,
      DataCommand.self,
      Score.self, Eval.self, Generate.self,
      Chat.self,
      Serve.self,
      Merge.self,
      Plan.self,
      Export.self,
      Download.self,
      Upload.self,
      QuickstartCommand.self,
    ])
}

@main
enum Main {
  static func main() {
    holdStandardStreams()
    explainSuddenEnds()
    do {
      let arguments = Array(CommandLine.arguments.dropFirst())
      try suggestCommand(for: arguments)
      run(try ConfigArguments.expand(arguments))
    } catch {
      endRanks(for: error)
      note("Error: \(spoken(error))")
      exit(ExitCode.validationFailure.rawValue)
    }
  }

  /// Parses and runs a command, and ends the process.
  private static func run(_ arguments: [String]) {
    var command: any ParsableCommand
    do { command = try Caravan.parseAsRoot(arguments) } catch {
      // All ranks were asked the same, and the first says what is to be said.
      if (try? Launch())?.rank ?? 0 > 0 { exit(Caravan.exitCode(for: error).rawValue) }
      Caravan.exit(withError: error)
    }
    do {
      try command.run()
      Launch.joined?.leave()
    } catch {
      endRanks(for: error)
      Caravan.exit(withError: (error as? any Worded).map { SpokenError(description: spoken($0)) } ?? error)
    }
  }

  /// Fills the places of standard streams that the parent has closed: a file that is opened later would else get their
  /// number, and with it what is meant for the terminal.
  private static func holdStandardStreams() {
    var descriptor: Int32
    repeat { descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC) } while (0...2).contains(descriptor)
    if descriptor > 2 { close(descriptor) }
  }

  /// Names the command that a mistyped one most likely means, as options are named by themselves.
  private static func suggestCommand(for arguments: [String]) throws {
    let known = Caravan.configuration.subcommands.compactMap { $0.configuration.commandName }
    guard let name = arguments.first, !name.hasPrefix("-"), !known.contains(name),
      let nearest = nearestName(name, among: known)
    else { return }
    throw ValidationError("There is no command '\(name)'. Did you mean '\(nearest)'?")
  }
}
