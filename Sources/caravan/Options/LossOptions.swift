import Alignment
import ArgumentParser

/// What `dpo` trains towards.
struct LossOptions: ParsableArguments {
  @Option(help: "The preference loss; sigmoid is DPO's own.")
  var loss: PreferenceLoss.Kind = .sigmoid

  @Option(help: "How strongly the model is held to the reference.")
  var beta = 0.1

  @Option(help: "The share of labels taken to be wrong: conservative DPO with sigmoid, unbiased with robust.")
  var labelSmoothing = 0.0

  @Option(help: "The margin that simpo aims at.")
  var simpoGamma = 0.5

  @Option(
    help: ArgumentHelp(
      "The reference model, named as --model. Without it, --model as it is before training.", valueName: "folder"))
  var reference: String?

  func validate() throws {
    do { _ = try objective } catch { throw ValidationError("\(error)") }
    guard reference == nil || loss.needsReference else {
      throw ValidationError("--reference has no meaning for --loss \(loss.rawValue); leave it out")
    }
  }

  /// The loss with its parameters.
  var objective: PreferenceLoss {
    get throws { try PreferenceLoss(loss, beta: beta, labelSmoothing: labelSmoothing, targetMargin: simpoGamma) }
  }
}

extension PreferenceLoss.Kind: ExpressibleByArgument {}
