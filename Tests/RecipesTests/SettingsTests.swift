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
    Self.expectOneSettingAProperty(SFTPace.self)
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
    recipe.preference.loss = .simpo
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

  @Test func whatCannotBeIsSaidBeforeAnythingIsRead() {
    var recipe = DPORecipe(model: "nothing", data: ["nothing"], output: "nothing")
    recipe.preference.reference = "other"
    recipe.preference.loss = .simpo
    var error = #expect(throws: SettingError.self) { try recipe.run() }
    #expect(error?.description == "'reference' has no meaning for 'loss' simpo; leave it out")
    recipe.preference.reference = nil
    recipe.pace.epochs = -1
    error = #expect(throws: SettingError.self) { try recipe.run() }
    #expect(error?.description == "'epochs' must be greater than 0 and at most 1000000, not -1.0")
  }
}
