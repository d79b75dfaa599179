import JSON

extension PPORecipe {
  /// Whose way of PPO.
  public enum Preset: String, CaseIterable, Sendable {
    /// That of Tulu 2.5's authors (EasyLM). What their code computes anew for each mini-batch from weights that have moved (the
    /// old log-probabilities, so that their ratio is always 1) is not followed.
    case tulu25 = "tulu-2.5"
    /// That of TRL's `PPOTrainer` as of 1.12, its last version.
    case trl
  }

  /// The settings of a preset by name, where they are not the defaults.
  public static func settings(as preset: Preset) -> TextKeyed<JSON> {
    switch preset {
    case .tulu25:
      [
        "missing-end-score": -10, "whiten": "mini-batch", "whiten-epsilon": 1e-6, "plain-probabilities": true,
        "batch-size": 512, "mini-batches": 8, "iterations": 1, "temperature": 0.7, "max-tokens": 1024,
        "kl-coef": 0.05, "learning-rate": 1e-6, "warmup-ratio": 0.1, "schedule": "constant", "adam-beta2": 0.95,
        "value-coef": 0.1,
      ]
    case .trl:
      [
        "score-past-end": true, "iterations": 4, "mini-batches": 1, "temperature": 0.7, "max-tokens": 53,
        "kl-coef": 0.05, "learning-rate": 3e-6, "warmup-ratio": 0, "max-grad-norm": 0, "value-coef": 0.1,
      ]
    }
  }

  /// A recipe with the settings of a preset; model, data, rewards and output are still to be named.
  public init(as preset: Preset) throws { try self.init(record: Self.settings(as: preset)) }
}
