import ArgumentParser
import DataShaping
import Datasets

/// `caravan data decontaminate`: removes records that contain evaluation prompts.
struct DataDecontaminate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decontaminate",
    abstract: "Removes records that contain evaluation prompts.",
    usage: "caravan data decontaminate --data <path> ... --against <path> ... [<options>]",
    discussion: """
      A record is removed if its prompt shares a run of 13 words with an evaluation prompt, as for GPT-3 (Brown et al., \
      2020). If an evaluation prompt is shorter, all its words must occur in a row; if it has fewer than eight words, it must \
      be the whole prompt. Case and punctuation do not count. Evaluation prompts are read from the first of these columns \
      that exists: prompt, question, instruction, problem, query, input, text, messages.

      Examples:
        caravan data decontaminate --data pairs.jsonl --against gsm8k.jsonl
        caravan data decontaminate --data pairs.jsonl --against evals/ --ngram 8
      """)

  @OptionGroup(title: "Data") var input: InputOptions
  @OptionGroup(title: "Output") var destination: SieveOptions

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Files or folders of evaluation prompts, given as for --data.", valueName: "path"))
  var against: [String] = []

  @Option(help: "How many words in a row count as a match.")
  var ngram = 13

  @Option(help: "What is compared: the prompt, or the record with prompt and answers.")
  var by: ComparedPart = .prompt

  func validate() throws {
    guard !against.isEmpty else { throw ValidationError("--against is missing: name files of evaluation prompts") }
    guard ngram >= 1 else { throw ValidationError("--ngram must be at least 1, not \(ngram)") }
  }

  func run() throws {
    var evaluation = EvaluationNGrams(length: ngram)
    let files = try Named.data(against, everySplit: true)
    for file in files {
      evaluation.beginFile()
      let reader = try DatasetReader<EvaluationPrompt>([file])
      while let prompt = try reader.next() { evaluation.add(TextWords(prompt.text)) }
    }
    var sieve = try RecordSieve(destination)
    var matches = [Int](repeating: 0, count: files.count)
    let read = try input.read(as: AnyRecord.self) { [by, evaluation] record in
      let messages = by == .prompt ? record.prompt : record.prompt + record.answers.joined()
      return (files: evaluation.files(foundIn: TextWords(messages)), location: record.location)
    } _: { record, line in
      for file in record.files { matches[file] += 1 }
      let reason = record.files.isEmpty ? nil : "contains an evaluation prompt, or a part of one"
      try sieve.put(line, removedFor: reason, at: record.location)
    }
    for (index, file) in files.enumerated() {
      note("\(file): \(evaluation.promptCounts[index]) prompts, found in \(matches[index]) records")
    }
    try sieve.finish(read: read)
  }
}
