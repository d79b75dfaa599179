import ArgumentParser
import Datasets
import JSON
import Rewards
import Rollouts
import Terminal

/// `caravan data pairs`: makes pairs of answers by their rewards.
struct DataPairs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pairs",
    abstract: "Makes pairs of several answers to each prompt, by a reward.",
    usage: "caravan data pairs --data <path> ... --score-with <reward> [--output <file>] [<options>]",
    discussion: """
      Each record holds a 'prompt' and a list of texts, 'answers', or one text, 'completion', as 'caravan generate --jsonl' \
      writes it; records of the same prompt go together. Answers are scored, and the better one of two becomes 'chosen', the \
      other 'rejected', with 'chosen_reward' and 'rejected_reward' beside them. Answers with equal rewards are no pair. What was \
      dropped is counted on standard error.

      Examples:
        caravan data pairs --data answers.jsonl --score-with judge --output pairs.jsonl
        caravan data pairs --data math.jsonl --score-with gsm8k --pairs all > pairs.jsonl
      """)

  @OptionGroup(title: "Data") var input: InputOptions

  @Option(help: ArgumentHelp("What answers are worth: \(RewardName.forms).", valueName: "reward"))
  var scoreWith: String

  @Option(help: "Which answers to a prompt are compared: the best with the worst, or all with each other.")
  var pairs = ComparedAnswers.Choice.bestWorst

  @Option(help: "The least difference between the rewards of a pair.")
  var margin = 0.0

  @Option(help: ArgumentHelp("The file to write; by default standard output.", valueName: "file"))
  var output: String?

  @OptionGroup(title: "Machine") var machine: ComputeOptions

  func validate() throws {
    try checkReward(named: scoreWith, option: "--score-with")
    guard margin >= 0, margin.isFinite else {
      throw ValidationError("--margin must be a number of at least 0, not \(margin)")
    }
  }

  func run() throws {
    let destination = try DataOutput(path: output)
    let groups = try read()
    let reward = try reward(named: scoreWith, for: groups.map(\.prompt.columns), machine)
    var counts = ComparedAnswers.Counts()
    var progress = ProgressLine("scoring", total: groups.count, unit: "prompts")
    for start in stride(from: 0, to: groups.count, by: 16) {
      let part = groups[start..<min(start + 16, groups.count)]
      var outcomes = try reward.rewards(for: part.flatMap(\.answers))[...]
      for group in part {
        let own = Array(outcomes.prefix(group.answers.count))
        outcomes = outcomes.dropFirst(own.count)
        for line in group.pairs(own, pairs, margin: margin, &counts) { try destination.write(line: line) }
      }
      progress.update(done: start + part.count)
    }
    progress.finish()
    try destination.finish()
    for line in counts.lines { note(line) }
  }

  /// The answers to each prompt, in the order in which prompts come first.
  private func read() throws -> [ComparedAnswers] {
    var (groups, places): ([ComparedAnswers], TextKeyed<Int>) = ([], [:])
    try input.read(as: CandidateAnswers.self, preparing: { $0 }) { record, _ in
      let prompt = record.prompt
      let given = ["tools", "documents", "chat_template_kwargs"].map { prompt.columns[$0] ?? .null }
      let key = JSON.array(prompt.messages.map(\.json) + given).text
      let place = places[key] ?? groups.count
      if place == groups.count {
        places[key] = place
        groups.append(ComparedAnswers(prompt: prompt))
      }
      groups[place].add(record)
    }
    return groups
  }
}

extension ComparedAnswers.Choice: ExpressibleByArgument {}
