import Foundation
import JSON
import Recipes
import Testing
import Training

/// Several runs of one recipe.
@Suite struct SweepTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "caravan-sweep-\(UUID().uuidString)")
  private static let fixtures = URL(filePath: #filePath).appending(path: "../../TrainingTests/Fixtures").standardized

  private var recipe: DPORecipe {
    var recipe = DPORecipe(
      model: Self.fixtures.appending(path: "model").path, data: [Self.fixtures.appending(path: "pairs.jsonl").path],
      output: folder.path)
    recipe.pace.batchSize = 8
    recipe.optimization.maxSteps = 2
    return recipe
  }

  @Test func aSweepIsItsRecord() throws {
    let sweep = Sweep(recipe, varying: ["beta": [0.05, 0.1], "learning-rate": [5e-7, 1e-6]], best: "loss")
    #expect(sweep.record["sweep"] == ["beta=0.05,0.1", "learning-rate=5e-07,1e-06"])
    #expect(sweep.record["best"] == "loss")
    let decoded = try JSONDecoder().decode(Sweep<DPORecipe>.self, from: JSONEncoder().encode(sweep))
    #expect(decoded.values == sweep.values && decoded.best == "loss")
    #expect(decoded.recipe.record == sweep.recipe.record)
    // Values with commas.
    let texts = ["reference=a,b;c", "max-steps=1,2"]
    let read = try Sweep(recipe, texts: texts)
    #expect(read.values == ["reference": ["a,b", "c"], "max-steps": ["1", "2"]])
    #expect(read.record["sweep"] == ["reference=a,b;c;", "max-steps=1,2"])
    #expect(try Sweep<DPORecipe>(record: read.record).values == read.values)
  }

  @Test(
    arguments: [
      ("bta=1,2", "there is no setting 'bta'; did you mean 'beta'?"),
      ("beta", "'sweep' takes a setting with its values, as beta=0.05,0.1, not 'beta'"),
      ("=1,2", "'sweep' takes a setting with its values, as beta=0.05,0.1, not '=1,2'"),
      ("beta=0.1", "'sweep': 'beta' needs two values or more, as beta=VALUE,VALUE"),
      ("beta=0.1,", "'sweep': 'beta' needs two values or more, as beta=VALUE,VALUE"),
      ("beta=0.1,0.10", "'sweep': 'beta' is the same with '0.1' and '0.10'"),
      ("beta=0.1,x", "The value 'x' is invalid for ''beta' <beta>'"),
      ("epochs=1,-1", "'epochs' must be greater than 0 and at most 1000000, not -1.0"),
      ("data=a,b", "'sweep': 'data' is the same in all runs; vary what the loss or the training has"),
      ("output=a,b", "'sweep': 'output' is the same in all runs; vary what the loss or the training has"),
      ("resume=true,false", "'sweep': 'resume' is the same in all runs; vary what the loss or the training has"),
      ("simpo-gamma=1,2", "'sweep': 'simpo-gamma' is the same with '1' and '2'"),
      (
        "seed=1,2",
        "'sweep': each seed would hold out other records; name them by 'eval-data' instead of 'eval-fraction'"
      ),
      (
        "seed=" + (1...1001).map { "\($0)" }.joined(separator: ","),
        "'sweep': each seed would hold out other records; name them by 'eval-data' instead of 'eval-fraction'"
      ),
      (
        "max-steps=" + (1...1001).map { "\($0)" }.joined(separator: ","),
        "'sweep' asks for more than 1000 runs; give fewer values"
      ),
    ])
  func whatCannotVaryIsSaidBeforeAnythingIsRead(text: String, message: String) {
    var recipe = DPORecipe(model: "nothing", data: ["nothing"], output: "nothing")
    recipe.heldOut.evalFraction = 0.1
    let error = #expect(throws: SettingError.self) { try Sweep(recipe, texts: [text]).run() }
    #expect(error?.description == message)
  }

  @Test func combinationsAreCheckedAndTheMeasureToo() {
    let nothing = DPORecipe(model: "nothing", data: ["nothing"], output: "nothing")
    var error = #expect(throws: (any Error).self) {
      try Sweep(nothing, varying: ["loss": ["sigmoid", "ipo"], "label-smoothing": [0, 0.1]]).run()
    }
    #expect("\(error!)" == "'label-smoothing' has no meaning for 'loss' ipo; leave it out")
    error = #expect(throws: (any Error).self) {
      try Sweep(nothing, varying: ["beta": [0.1, 0.2]], best: "eval_loss").run()
    }
    #expect("\(error!)" == "'best' eval_loss needs held-out data: 'eval-data' or 'eval-fraction'")
    error = #expect(throws: (any Error).self) { try Sweep(recipe, varying: ["beta": [1, 2]], best: "los").run() }
    #expect(
      "\(error!)"
        == "'best': the runs do not measure los; did you mean loss?; name another measure, and go on by 'resume'")
  }

  /// Asks to stop when so many steps are done.
  private final class Stopper: RunObserver {
    private(set) var steps = 0
    private(set) var runs: [String] = []
    var last = Int.max
    var asksToStop: Bool { steps >= last }

    func observe(_ event: RunEvent) {
      if case .stepped = event { steps += 1 }
      if case .remark(let words) = event, words.description.hasPrefix("run ") { runs.append(words.description) }
    }
  }

  @Test func aStoppedSweepGoesOnToTheSameBits() throws {
    var recipe = recipe
    var sweep = Sweep(recipe, varying: ["loss": ["sigmoid", "simpo"], "simpo-gamma": [0.4, 0.6]])
    let stopper = Stopper()
    stopper.last = 3
    #expect(try sweep.run(observing: [stopper]) == .interrupted)
    #expect(try sweep.comparison().pending == 2)
    sweep.recipe.saving.resume = true
    let rest = Stopper()
    #expect(try sweep.run(observing: [rest]) == .finished)
    #expect(rest.steps == 3)
    #expect(
      rest.runs == [
        "run 1 of 3: 'loss' sigmoid is finished", "run 2 of 3: 'loss' simpo, 'simpo-gamma' 0.4",
        "run 3 of 3: 'loss' simpo, 'simpo-gamma' 0.6",
      ])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == [
        "config.yaml", "loss-sigmoid", "loss-simpo_simpo-gamma-0.4", "loss-simpo_simpo-gamma-0.6", "sweep.html",
        "sweep.json",
      ])
    recipe.preference.loss = [.simpo]
    recipe.preference.simpoGamma = 0.4
    recipe.saving.output = folder.appending(path: "alone").path
    try recipe.run()
    let models = ["alone", "loss-simpo_simpo-gamma-0.4"].map { folder.appending(path: $0 + "/model.safetensors") }
    #expect(try Data(contentsOf: models[0]) == Data(contentsOf: models[1]))
  }

  /// Counts how often data are looked for.
  private final class CountingLocator: Locator {
    private(set) var count = 0
    func model(_ name: String) -> URL { LocalLocator().model(name) }
    func data(_ names: [String]) throws -> (paths: [String], remarks: [String]) {
      count += 1
      return try LocalLocator().data(names)
    }
    func title(_ name: String) -> String { LocalLocator().title(name) }
  }

  @Test func dataAreTokenizedOnceForRunsThatMakeTheSameOfThem() throws {
    var recipe = recipe
    recipe.heldOut.evalFraction = 0.3
    let locator = CountingLocator()
    #expect(try Sweep(recipe, varying: ["beta": [0.1, 0.2, 0.3]]).run(locating: locator) == .finished)
    #expect(locator.count == 1)
    // A run alone does the same, to the bit.
    recipe.preference.beta = 0.3
    recipe.saving.output = folder.appending(path: "alone").path
    try recipe.run()
    let models = ["alone", "beta-0.3"].map { folder.appending(path: $0 + "/model.safetensors") }
    #expect(try Data(contentsOf: models[0]) == Data(contentsOf: models[1]))
  }

  @Test func dataAreTokenizedAnewWhereSomethingElseComesOfThem() throws {
    // A reference that reads less cuts sequences, and such runs are not compared.
    let short = folder.appending(path: "short")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try FileManager.default.copyItem(at: Self.fixtures.appending(path: "model"), to: short)
    let config = short.appending(path: "config.json")
    var json = try #require(JSON(parsing: String(contentsOf: config, encoding: .utf8)).object)
    json["max_position_embeddings"] = 24
    try JSON.object(json).text.write(to: config, atomically: true, encoding: .utf8)
    let references = [Self.fixtures.appending(path: "model").path, short.path]
    var locator = CountingLocator()
    var recipe = recipe
    recipe.saving.output = folder.appending(path: "references").path
    let sweep = Sweep(recipe, varying: ["reference": references.map { .string($0) }])
    let error = #expect(throws: TrainingError.self) { try sweep.run(locating: locator) }
    #expect(error?.description.contains("the data, or what the tokenizer and template make of them, are not") == true)
    #expect(locator.count == 2)
    // A seed matters where something is drawn.
    recipe.saving.output = folder.appending(path: "seeds").path
    locator = CountingLocator()
    #expect(try Sweep(recipe, varying: ["seed": [1, 2]]).run(locating: locator) == .finished)
    #expect(locator.count == 1)
    recipe.mixture.dataWeights = [0.5]
    recipe.saving.output = folder.appending(path: "mixtures").path
    locator = CountingLocator()
    #expect(try Sweep(recipe, varying: ["seed": [1, 2]]).run(locating: locator) == .finished)
    #expect(locator.count == 2)
  }

  @Test func aRunThatDivergesDoesNotStopTheOthers() throws {
    var recipe = recipe
    recipe.optimization.maxSteps = 6
    let sweep = Sweep(recipe, varying: ["learning-rate": [1e25, 1e-3]])
    #expect(try sweep.run() == .finished)
    let comparison = try sweep.comparison()
    #expect(comparison.runs.map(\.settings) == [["learning-rate": "0.001"]])
    #expect(comparison.summary == "1 run, 1 not finished; the best by loss (lowest): learning-rate 0.001")
  }

  @Test func runsOnOtherDataAreNotCompared() throws {
    var sweep = Sweep(recipe, varying: ["beta": [0.1, 0.2]])
    let stopper = Stopper()
    stopper.last = 2
    #expect(try sweep.run(observing: [stopper]) == .interrupted)
    sweep.recipe.saving.resume = true
    let pairs = try String(contentsOf: Self.fixtures.appending(path: "pairs.jsonl"), encoding: .utf8)
    let fewer = folder.appending(path: ".pairs.jsonl")
    try pairs.split(separator: "\n").dropLast().joined(separator: "\n").write(
      to: fewer, atomically: true, encoding: .utf8)
    sweep.recipe.data.data = [fewer.path]
    let error = #expect(throws: TrainingError.self) { try sweep.run() }
    #expect(error?.description.contains("resume with the same settings") == true)
    // The same name with other content is found when the next run begins.
    let first = folder.appending(path: "beta-0.1/config.yaml")
    let record = try String(contentsOf: first, encoding: .utf8)
    try record.replacing(Self.fixtures.appending(path: "pairs.jsonl").path, with: fewer.path)
      .write(to: first, atomically: true, encoding: .utf8)
    let other = #expect(throws: TrainingError.self) { try sweep.run() }
    #expect(other?.description.contains("the data, or what the tokenizer and template make of them, are not") == true)
  }
}
