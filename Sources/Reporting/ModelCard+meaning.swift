import Foundation

extension ModelCard {
  var meaning: String {
    let text =
      switch method {
      case .sft:
        """
        The loss is the mean negative log-probability, in nats, of the assistant's tokens: the model finds a token as \
        surprising as a fair choice among e^loss tokens.
        """
      case .dpo("simpo", _):
        """
        An answer's reward is β times its mean log-probability a token; no reference model takes part. The margin is \
        the better answer's reward less the worse one's; accuracy is the share of pairs in which it is above 0.
        """
      case .dpo(let loss, let beta):
        """
        An answer's reward is β times the log of how much likelier it is to this model than to the reference\
        \(loss == "dpo-norm" ? ", averaged over its tokens" : ""). The margin is the better answer's reward less the \
        worse one's; accuracy is the share of pairs in which it is above 0.\(firstLoss(loss, beta))

        Both rewards may fall while the margin grows. That is expected: the loss only asks that the worse answer \
        becomes less likely by more than the better one.
        """
      }
    return "## What the numbers mean\n\n" + text
  }

  /// The loss while policy and reference still agree and every margin is 0.
  private func firstLoss(_ name: String, _ beta: Double) -> String {
    let value: String? =
      switch name {
      case "sigmoid", "robust", "dpo-norm": "ln 2 = 0.693147"
      case "hinge": "1"
      case "ipo" where beta > 0: "1/(2β)² = \(ProgressLine.text(of: 1 / (4 * beta * beta)))"
      default: nil
      }
    guard let value else { return "" }
    return """
       While the two models agree, as they do at the first step where the reference is the model that training began \
      from, every margin is 0, and the loss is \(value).
      """
  }

  var citation: String {
    let tulu = """
      @misc{ivison2024unpacking,
        title = {Unpacking {DPO} and {PPO}: Disentangling Best Practices for Learning from Preference Feedback},
        author = {Ivison, Hamish and Wang, Yizhong and Liu, Jiacheng and Wu, Ellen and Pyatkin, Valentina and
          Lambert, Nathan and Choi, Yejin and Smith, Noah A. and Hajishirzi, Hannaneh},
        year = {2024},
        eprint = {2406.09279},
        archivePrefix = {arXiv},
        primaryClass = {cs.CL}
      }
      """
    let dpo = """
      @inproceedings{rafailov2023direct,
        title = {Direct Preference Optimization: Your Language Model is Secretly a Reward Model},
        author = {Rafailov, Rafael and Sharma, Archit and Mitchell, Eric and Manning, Christopher D. and
          Ermon, Stefano and Finn, Chelsea},
        booktitle = {Advances in Neural Information Processing Systems},
        volume = {36},
        year = {2023},
        eprint = {2305.18290},
        archivePrefix = {arXiv}
      }
      """
    let entries = method == .sft ? [tulu] : [tulu, dpo]
    return "## Citation\n\n" + fenced(entries.joined(separator: "\n\n"), "bibtex")
  }
}
