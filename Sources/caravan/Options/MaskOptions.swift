import Alignment
import ArgumentParser

/// What of the assistant's turns counts in the loss.
struct MaskOptions: ParsableArguments {
  @Option(
    help: """
      What of the assistant's turns is scored: turns (all of each, with its end), template (what the chat template marks \
      with {% generation %}), or auto: for conversations what the template marks, where it marks anything, and else turns; \
      for pairs turns. auto is what TRL does.
      """)
  var lossMask: LossMask = .auto
}

extension LossMask: ExpressibleByArgument {}
