import Reporting
import Training
import Wording

/// Who hears of a run, and who finds what it names.
public struct RunContext {
  let observers: [any RunObserver]
  let locator: any Locator
  /// What earlier runs of a sweep have made of their data.
  let tokenized: TokenizedData?

  init(observers: [any RunObserver], locator: any Locator, tokenized: TokenizedData? = nil) {
    self.observers = observers
    self.locator = locator
    self.tokenized = tokenized
  }

  /// Says something that a person should know.
  func remark(_ text: Wording) throws { try observers.observe(.remark(text)) }
  func remark(_ text: String) throws { try remark(Wording(text)) }
}
