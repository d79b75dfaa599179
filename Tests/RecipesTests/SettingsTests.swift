import Foundation
import JSON
import Objectives
import Recipes
import Testing

/// Settings are declared once, and a recipe is what they say.
@Suite struct SettingsTests {
  /// The name that a property's setting has: words with hyphens between them.
  private static func name(_ property: String) -> String {
    property.reduce(into: "") { name, character in
      if character.isUppercase || character.isNumber, name.last?.isNumber == false, character.isUppercase {
        name += "-"
      }
      name += character.lowercased()
    }
  }

  private static func expectOneSettingAProperty<Group: SettingGroup>(_ group: Group.Type) {
    let properties = Mirror(reflecting: Group()).children.compactMap(\.label)
    #expect(Set(Group.settings.map(\.name)) == Set(properties.map(name)), "\(Group.self)")
    for setting in Group.settings {
      let help = setting.help.description
      #expect(help.hasSuffix(".") && !help.contains("--"), "\(setting.name)")
    }
    #expect(throws: Never.self) { _ = Group().record }
  }

  @Test func eachPropertyIsOneSetting() {
    Self.expectOneSettingAProperty(ModelSettings.self)
    Self.expectOneSettingAProperty(DataSettings.self)
    Self.expectOneSettingAProperty(HeldOutSettings.self)
    Self.expectOneSettingAProperty(PreferenceSettings.self)
    Self.expectOneSettingAProperty(KTOSettings.self)
    Self.expectOneSettingAProperty(BCOSettings.self)
    Self.expectOneSettingAProperty(SFTPace.self)
    Self.expectOneSettingAProperty(SupervisedSettings.self)
    Self.expectOneSettingAProperty(DPOPace.self)
    Self.expectOneSettingAProperty(OptimizationSettings.self)
    Self.expectOneSettingAProperty(MachineSettings.self)
    Self.expectOneSettingAProperty(SavingSettings.self)
  }

  /// A recipe in which nothing is as by default.
  private static var recipe: DPORecipe {
    var recipe = DPORecipe(model: "base", data: ["a.jsonl", "b.jsonl"], output: "run")
    recipe.model.chatTemplate = "chatml"
    recipe.data.maxLength = 512
    recipe.data.skipInvalid = true
    recipe.heldOut.evalFraction = 0.25
    recipe.preference.loss = [.simpo]
    recipe.preference.beta = 2
    recipe.preference.simpoGamma = 1
    recipe.pace.learningRate = 1e-6
    recipe.optimization.maxSteps = 7
    recipe.optimization.seed = .max
    recipe.machine.dtype = .bfloat16
    recipe.saving.keep = 3
    return recipe
  }

  @Test func aRecipeIsItsRecord() throws {
    var read = try DPORecipe(record: Self.recipe.record)
    // Where a run is is not part of what it does.
    #expect(read.saving.output == "")
    read.saving.output = "run"
    #expect(read == Self.recipe)
    let decoded = try JSONDecoder().decode(DPORecipe.self, from: JSONEncoder().encode(Self.recipe))
    #expect(decoded.record == Self.recipe.record)
  }

  /// Several losses are recorded as one text; a list means the same.
  @Test func aRecordOfSeveralLosses() throws {
    var recipe = DPORecipe()
    recipe.preference.loss = [.dpoNorm, .bcoPair, .sft]
    recipe.preference.lossWeights = [0.8, 0.2, 1]
    #expect(recipe.record["loss"] == "dpo-norm,bco-pair,sft" && recipe.record["loss-weights"] == "0.8,0.2,1.0")
    let list = try DPORecipe(record: ["loss": ["sigmoid_norm", "bco_pair", "sft"], "loss-weights": [0.8, 0.2, 1]])
    #expect(list.preference == recipe.preference)
  }

  /// SimPO's margin by its authors' parameter: a multiple of β.
  @Test func aMarginMayBeAMultipleOfBeta() throws {
    var settings = PreferenceSettings()
    settings.loss = [.simpo]
    settings.beta = 2
    settings.simpoGammaRatio = 0.3
    #expect(try settings.objective.parameters.simpoGamma == 0.6)
    #expect(settings.record["simpo-gamma"] == nil && settings.record["simpo-gamma-ratio"] == 0.3)
  }

  @Test func theRecordHasTheSettingsThatMeanSomethingInTheirOrder() {
    let record = DPORecipe(model: "base", data: ["a.jsonl"], output: "run").record
    #expect(record.keys.prefix(7) == ["model", "bos", "data", "drop-truncated", "skip-invalid", "loss-mask", "loss"])
    for name in ["chat-template", "max-length", "eval-fraction", "simpo-gamma", "max-steps", "output", "resume"] {
      #expect(record[name] == nil)
    }
    #expect(record["seed"] == "42" && record["batch-size"] == 32 && record["no-shuffle"] == false)
  }

  @Test(
    arguments: [
      (["lerning-rate": 1], "there is no setting 'lerning-rate'; did you mean 'learning-rate'?"),
      (["epochs": "many"], "The value 'many' is invalid for ''epochs' <epochs>'"),
      (["no-shuffle": 3], "'no-shuffle' takes true or false, not '3'"),
    ] as [(TextKeyed<JSON>, String)])
  func aRecordThatIsNone(record: TextKeyed<JSON>, message: String) {
    let error = #expect(throws: SettingError.self) { try DPORecipe(record: record) }
    #expect(error?.description == message)
  }

  @Test(
    arguments: [
      (DPORecipe(model: "", data: ["a"], output: "run"), "Missing expected argument ''model' <folder>'"),
      (DPORecipe(model: "base", data: [], output: "run"), "'data' is missing: name the files to train on"),
      (DPORecipe(model: "base", data: ["a"], output: ""), "Missing expected argument ''output' <folder>'"),
    ])
  func whatIsNotNamedIsMissing(recipe: DPORecipe, message: String) {
    #expect(#expect(throws: SettingError.self) { try recipe.check() }?.description == message)
    #expect(#expect(throws: SettingError.self) { try recipe.run() }?.description == message)
  }

  @Test func whatCannotBeIsSaidBeforeAnythingIsRead() {
    var recipe = DPORecipe(model: "nothing", data: ["nothing"], output: "nothing")
    recipe.preference.reference = "other"
    recipe.preference.loss = [.simpo]
    var error = #expect(throws: SettingError.self) { try recipe.run() }
    #expect(error?.description == "'reference' has no meaning for 'loss' simpo; leave it out")
    recipe.preference.reference = nil
    recipe.pace.epochs = -1
    error = #expect(throws: SettingError.self) { try recipe.run() }
    #expect(error?.description == "'epochs' must be greater than 0 and at most 1000000, not -1.0")
  }
}
