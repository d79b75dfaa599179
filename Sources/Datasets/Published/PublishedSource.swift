/// A published data set that can be converted.
///
/// Adding one is a file in `Sources/` that says which fields it reads, a line in `all`, and a fixture of a few invented
/// rows in the published form.
package protocol PublishedSource: Derivation {
  /// Its name on the command line.
  static var name: String { get }

  /// Where it is published, and which of its answers are better than which, in a few words.
  static var summary: String { get }

  /// The choices that the published answers leave, with what the Tulu 2.5 splits chose.
  static var choices: SourceChoices { get }

  /// A source with its choices made.
  init(_ choices: SourceChoices)
}

extension PublishedSource {
  /// Nothing is left to choose.
  package static var choices: SourceChoices { SourceChoices() }
}

/// What may be chosen of a published source; nil where the source does not leave that choice.
package struct SourceChoices: Sendable, Equatable {
  /// Which of the worse answers is rejected.
  package var rejected: AnswerChoice.Rejected?
  /// What becomes of answers that are equally good.
  package var ties: AnswerChoice.Ties?
  /// Whether system prompts become messages.
  package var systemPrompts: SystemPrompts?
  /// What random choices follow from.
  package var seed: UInt64

  package init(
    rejected: AnswerChoice.Rejected? = nil, ties: AnswerChoice.Ties? = nil, systemPrompts: SystemPrompts? = nil,
    seed: UInt64 = 42
  ) {
    self.rejected = rejected
    self.ties = ties
    self.systemPrompts = systemPrompts
    self.seed = seed
  }

  /// Whether system prompts become messages.
  package enum SystemPrompts: String, CaseIterable, Sendable { case keep, drop }
}

/// The published data sets that can be converted.
package enum PublishedSources {
  /// All of them, in the order of their names.
  package static let all: [any PublishedSource.Type] = [
    AlpacaFarm.self, Capybara.self, ChatbotArena.self, HelpSteer.self, HHRLHF.self, Nectar.self, OrcaPairs.self,
    PRM800K.self, SHP2.self, StackExchangePaired.self, TuluPreferences.self, TuluMixture.self,
  ]
}
