/// What a group of settings means to runs that are compared.
public enum SettingMeaning: Sendable {
  /// Runs that are compared have it in common: model, data, machine.
  case common
  /// It says what the loss is: the losses of runs that differ in it are different measures.
  case loss
  /// It says how a run gets to where it ends.
  case course
}
