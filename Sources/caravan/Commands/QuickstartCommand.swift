import ArgumentParser
import Datasets
import Evaluation
import Foundation
import Inference
import JSON
import Llama
import ModelFiles
import Quickstart
import Recipes
import Text

/// `caravan quickstart`: the whole recipe in miniature, with the same commands that the real one takes.
struct QuickstartCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quickstart",
    abstract: "Shows the whole recipe in miniature: data, SFT, DPO, and what DPO changed.",
    usage: "caravan quickstart [<options>]",
    discussion: """
      A model of a million parameters learns to answer visitors of a small shop: first from good and bad clerks alike, then \
      by learning which of two answers is better. This needs no download, and takes about a minute on two cores.

      With --online it goes on: a reward model learns to score answers from the same pairs, and the model learns from its \
      own answers and their scores, once by PPO and once by GRPO. This takes a few minutes more.

      Examples:
        caravan quickstart
        caravan quickstart --online
        caravan quickstart --output /tmp/shop --seed 7
      """)

  @Option(help: ArgumentHelp("The folder to write; it must be new or empty.", valueName: "folder"))
  var output = "quickstart-run"

  @Option(help: "The seed of all random choices: the same seed gives the same result.")
  var seed: UInt64 = 42

  @Flag(help: "Go on with a reward model, PPO and GRPO, which learn from the model's own answers.")
  var online = false

  @OptionGroup(title: "Machine") var compute: ComputeOptions

  private static let recordCount = 3000
  private static let heldOutCount = 200

  func validate() throws {
    guard !FileManager.default.fileExists(atPath: output) else {
      throw ValidationError("\(output) exists already; remove it, or name another folder with --output")
    }
  }

  func run() throws {
    let folder = URL(filePath: output)
    func path(_ name: String) -> String { folder.appending(path: name).relativePath }

    heading("1. Data: questions with four scored answers, as in UltraFeedback")
    try makeFolder(folder.appending(path: "base"))
    let records = QuickstartData.records(count: Self.recordCount, seed: seed)
    try JSONLines.write(records.map(\.json), to: path("ultrafeedback.jsonl"))
    show(records[0])
    try JSONLines.write(QuickstartData.conversations(of: records).map(\.json), to: path("conversations.jsonl"))
    try writePairs(from: path("ultrafeedback.jsonl"), to: path("pairs.jsonl"))

    heading("2. SFT: a model that has learned nothing imitates all clerks, the good and the bad")
    try compute.group.start()
    try writeUntrainedModel(to: folder.appending(path: "base"))
    try run(Self.sft(path("base"), path("conversations.jsonl"), path("sft"), seed), as: "sft")

    heading("3. DPO: it learns which of two answers is better")
    try run(Self.dpo(path("sft"), path("pairs.jsonl"), path("dpo"), seed), as: "dpo")

    heading("4. What changed: \(Self.heldOutCount) questions about things that training never spoke of")
    let questions = QuickstartData.heldOutQuestions(count: Self.heldOutCount, seed: seed &+ 1)
    let before = try answers(to: questions, of: path("sft"))
    let after = try answers(to: questions, of: path("dpo"))
    report(questions, before, after)
    try evaluate(questions, path)
    if online { try learnOnline(records, questions, before, after, path) }

    heading("Next")
    note(
      """
        The model is in \(path("dpo")); transformers loads it, and its README.md is its card. Try:

        caravan generate --model \(path("dpo")) "\(questions[0].text)"
        caravan data preview --model \(path("sft")) --data \(path("pairs.jsonl"))
        caravan dpo --model \(path("sft")) --data \(path("pairs.jsonl")) --output \(path("ipo")) --loss ipo --learning-rate 1e-4 --epochs 1
        caravan dpo --help
      """)
  }

  /// Some of the same questions as a task of one's own, which both models answer: does the answer say what is right in a full
  /// sentence?
  private func evaluate(_ questions: [ShopQuestion], _ path: (String) -> String) throws {
    let file = path("shop.jsonl")
    try JSONLines.write(
      questions.prefix(100).map {
        ["prompt": .string($0.text), "answer": .string($0.rightSentence), "max_tokens": 48]
      },
      to: file)
    note(
      "\n  caravan eval \(path("sft")) \(path("dpo")) --tasks \(file) --scorer contains --output \(path("evaluation"))\n"
    )
    let task = try TaskQuestions(named: file, scorer: .contains) { try BenchmarkData.onHub(of: $0) }
    let reports = try ["sft", "dpo"].map { name in
      let folder = try ModelFolder(URL(filePath: path(name)))
      let format = try ChatFormat(folder: folder.url, name: name)
      let evaluator = Evaluator(
        model: try InferenceModel(folder), format: format, stopTokens: format.stopTokens(of: folder),
        identity: try folder.fingerprint())
      var report = EvaluationReport(model: name)
      report.add(task.task, try evaluator.run(task.task, task.items), total: task.total, dataDigest: task.digest)
      try report.write(to: URL(filePath: path("evaluation")))
      return report
    }
    for line in reports[0].comparison(with: reports[1]) { note("  " + line) }
  }

  /// The other half of the paper: a reward model, and what the model learns from its own answers and their scores.
  private func learnOnline(
    _ records: [ShopRecord], _ questions: [ShopQuestion], _ before: [String], _ afterDPO: [String],
    _ path: (String) -> String
  ) throws {
    heading("5. Reward model: it learns to score answers from the same pairs")
    try run(Self.reward(path("sft"), path("pairs.jsonl"), path("judge"), seed), as: "reward")

    let prompts: [JSON] = records.map { ["prompt": .string($0.question.text)] }
    try JSONLines.write(prompts, to: path("prompts.jsonl"))
    heading("6. PPO: the model answers, the reward model scores, and a value model says what was to be expected")
    try run(Self.ppo(path, seed), as: "ppo")

    heading("7. GRPO: the model answers each question eight times, and its answers are compared with one another")
    try run(Self.grpo(path, seed), as: "grpo")

    heading("8. What is right by the shop's own rule, which no model has seen")
    let shares = [
      ("SFT", before), ("DPO", afterDPO), ("PPO", try answers(to: questions, of: path("ppo"))),
      ("GRPO", try answers(to: questions, of: path("grpo"))),
    ]
    for (name, answers) in shares { note("  after \(name): \(share(answers, questions))%") }
    note("\n  \(path("grpo/run.html")) shows the course of the run, and answers before and after.")
  }

  private static func reward(_ model: String, _ data: String, _ output: String, _ seed: UInt64) -> RewardRecipe {
    var recipe = RewardRecipe(model: model, data: [data], output: output)
    recipe.pace.batchSize = 32
    recipe.pace.learningRate = 5e-4
    recipe.heldOut.evalFraction = 0.05
    recipe.optimization.seed = seed
    return recipe
  }

  private static func ppo(_ path: (String) -> String, _ seed: UInt64) -> PPORecipe {
    var recipe: PPORecipe = online(path, to: "ppo", seed)
    recipe.update.miniBatches = 2
    return recipe
  }

  private static func grpo(_ path: (String) -> String, _ seed: UInt64) -> GRPORecipe {
    var recipe: GRPORecipe = online(path, to: "grpo", seed)
    recipe.optimization.maxSteps = 80
    recipe.heldOut.evalFraction = 0.02
    return recipe
  }

  /// What PPO and GRPO have in common: the model, the prompts, and the reward model.
  private static func online<Recipe: OnlineRecipe>(
    _ path: (String) -> String, to output: String, _ seed: UInt64
  ) -> Recipe {
    var recipe = Recipe(model: path("sft"), data: [path("prompts.jsonl")], output: path(output))
    recipe.answerReward.reward = [path("judge")]
    recipe.rollout.maxTokens = 48
    recipe.pace.learningRate = 1e-4
    recipe.optimization.seed = seed
    return recipe
  }

  private static func sft(_ model: String, _ data: String, _ output: String, _ seed: UInt64) -> SFTRecipe {
    var recipe = SFTRecipe(model: model, data: [data], output: output)
    recipe.pace.epochs = 1
    recipe.pace.batchSize = 16
    recipe.pace.learningRate = 2e-3
    recipe.pace.warmupRatio = 0.1
    recipe.pace.adamBeta2 = 0.99
    recipe.optimization.seed = seed
    return recipe
  }

  private static func dpo(_ model: String, _ data: String, _ output: String, _ seed: UInt64) -> DPORecipe {
    var recipe = DPORecipe(model: model, data: [data], output: output)
    recipe.pace.epochs = 1
    recipe.pace.learningRate = 1e-4
    recipe.heldOut.evalFraction = 0.05
    recipe.optimization.seed = seed
    return recipe
  }

  private func heading(_ text: String) { note("\n" + text) }

  private func makeFolder(_ url: URL) throws {
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw ValidationError("\(url.path) cannot be made: \(error.localizedDescription)")
    }
  }

  private func show(_ record: ShopRecord) {
    note("  \(record.question.text)")
    for completion in record.completions {
      note("    \(completion.verdict.score)/10  \(completion.response)")
    }
  }

  /// Chosen is the best answer by overall score, rejected one of the others.
  private func writePairs(from raw: String, to path: String) throws {
    let reader = try DatasetReader<UltraFeedbackRecord>([raw])
    var preferences = UltraFeedbackPreferences(seed: seed)
    var pairs: [JSON] = []
    while let record = try reader.next() {
      if let pair = preferences.pair(of: record) { pairs.append(pair.json) }
    }
    try JSONLines.write(pairs, to: path)
    note("  \(reader.report.read) questions gave \(pairs.count) pairs of a better and a worse answer")
  }

  /// A Llama of about a million parameters with the quickstart's tokenizer.
  private func writeUntrainedModel(to folder: URL) throws {
    let config = try LlamaConfig(json: [
      "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 512, "hidden_size": 128,
      "intermediate_size": 448, "num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 2,
      "head_dim": 32, "hidden_act": "silu", "max_position_embeddings": 256, "rms_norm_eps": 1e-5,
      "rope_theta": 10000.0, "tie_word_embeddings": true, "bos_token_id": 1, "eos_token_id": 2,
      "torch_dtype": "float32",
    ])
    var generator = SplitMix64(seed: seed)
    let model = try LlamaModel(untrained: config, deviation: 0.06, using: &generator)
    var writer = ModelFolderWriter(config: config, generationConfig: ["bos_token_id": 1, "eos_token_id": 2])
    for (name, bytes) in QuickstartTokenizer.files { writer.files[name] = bytes }
    try writer.write(model.outputTensors(.float32), to: folder)
  }

  /// Runs a recipe, with the command that would do the same.
  private func run(_ recipe: some Recipe, as command: String) throws {
    note("  caravan \(command) \(recipe.arguments.joined(separator: " "))\n")
    try recipe.runOnScreen()
  }

  /// A model's answers, drawn at temperature 0.7 as the recipe draws them.
  private func answers(to questions: [ShopQuestion], of model: String) throws -> [String] {
    try Assistant(URL(filePath: model)).answers(
      questions.map { [Message(role: "user", content: $0.text)] },
      sampling: SamplingParameters(temperature: 0.7, seed: seed), maximumTokens: 48)
  }

  private func report(_ questions: [ShopQuestion], _ before: [String], _ after: [String]) {
    for index in questions.indices.prefix(3) {
      note("  \(questions[index].text)")
      note("    before DPO: \(before[index])")
      note("    after DPO:  \(after[index])")
    }
    note(
      "\n  answers that are right, friendly and a full sentence: \(share(before, questions))% before DPO, \(share(after, questions))% after"
    )
  }

  private func share(_ answers: [String], _ questions: [ShopQuestion]) -> Int {
    let preferred = zip(questions, answers).count { ShopJudge.verdict(on: $1, to: $0).isPreferred }
    return Int((100 * Double(preferred) / Double(questions.count)).rounded())
  }
}
