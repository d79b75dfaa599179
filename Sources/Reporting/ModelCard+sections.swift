import Foundation
import JSON
import Objectives

extension ModelCard {
  var introduction: String {
    """
    # \(line(name))

    This \(subject) was trained from \(code(baseModel)) \(words.method).\(adapterNote) It was made with Caravan, which follows the recipe \
    of [Tulu 2.5](https://arxiv.org/abs/2406.09279).
    """
  }

  private var subject: String {
    let model = kind == .language ? "language model" : "reward model"
    return isAdapter ? "LoRA adapter of a \(model)" : model
  }

  private var adapterNote: String {
    isAdapter
      ? " The weights of \(code(baseModel)) are as they were; what was learned is [low-rank](https://arxiv.org/abs/2106.09685) matrices beside them."
      : ""
  }

  var inputFormat: String {
    let lastLine = chatFormat.split(separator: "\n").last.map(String.init) ?? ""
    let note =
      chatFormat.hasSuffix("\n") && !lastLine.isEmpty
      ? " **The newline after \(code(lastLine)) belongs to it:** answers can be a good deal worse without it." : ""
    return """
      ## Input format

      The model expects its input like this, newlines included:

      \(fenced(chatFormat.hasSuffix("\n") ? String(chatFormat.dropLast()) : chatFormat))

      As a string that is \(code(JSON.string(chatFormat).text)).\(note)
      The tokenizer's chat template writes this format.
      """
  }

  var usage: String {
    switch kind {
    case .language: answering
    case .reward: scoring
    }
  }

  private var scoring: String {
    """
    ## How to use it

    ```python
    \(isAdapter ? "from peft import AutoPeftModelForSequenceClassification\nfrom transformers import AutoTokenizer" : "from transformers import AutoModelForSequenceClassification, AutoTokenizer")

    folder = \(JSON.string(name).text)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = Auto\(isAdapter ? "Peft" : "")ModelForSequenceClassification.from_pretrained(folder\(isAdapter ? ", num_labels=1" : ""))
    messages = [{"role": "user", "content": "Your question?"}, {"role": "assistant", "content": "The answer to score."}]
    tokens = tokenizer.apply_chat_template(messages, return_tensors="pt", return_dict=False)
    # The reward is read where the answer ends: what the template writes behind that was never seen in training.
    while tokens.shape[1] > 1 and tokens[0, -1] not in tokenizer.all_special_ids:
        tokens = tokens[:, :-1]
    print(model(tokens).logits[0, 0].item())
    ```

    Or, with Caravan, which takes care of that:

    ```sh
    caravan score --model \(shellQuoted(name)) --data answers.jsonl
    ```
    """
  }

  private var answering: String {
    """
    ## How to use it

    ```python
    \(isAdapter ? "from peft import AutoPeftModelForCausalLM\nfrom transformers import AutoTokenizer" : "from transformers import AutoModelForCausalLM, AutoTokenizer")

    folder = \(JSON.string(name).text)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = Auto\(isAdapter ? "Peft" : "")ModelForCausalLM.from_pretrained(folder)
    messages = [{"role": "user", "content": "Your message here!"}]
    inputs = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    answer = model.generate(**inputs, max_new_tokens=256)[0, inputs["input_ids"].shape[1]:]
    print(tokenizer.decode(answer, skip_special_tokens=True))
    ```

    Or, with Caravan:

    ```sh
    caravan generate --model \(shellQuoted(name)) 'Your message here!'
    ```
    """
  }

  var dataSection: String {
    let rows = data.map { data in
      let dropped = data.dropped.values.reduce(0, +)
      let reasons = data.dropped.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
      return [
        code(data.name), "\(data.read)", "\(data.kept)" + (data.drawn.map { " (\($0) an epoch)" } ?? ""),
        dropped > 0 ? "\(dropped) (\(reasons))" : "0",
        "\(data.truncated)",
      ]
    }
    return """
      ## Training data

      Counts are \(words.unit). Truncated ones were cut on the right to the maximum length, and trained on.

      \(table(["data", "read", "used", "dropped", "truncated"], rows))
      """
  }

  var hyperparameterSection: String {
    """
    ## Hyperparameters

    \(table(["option", "value"], hyperparameters.map { [code($0.key), code($0.value)] }))
    """
  }

  var curveSection: String {
    guard !steps.isEmpty else { return "## Loss curve\n\nThe log of the run was lost." }
    let shown = Self.evenly(steps, count: 20)
    let figures: [(String, (Step) -> String?)] = words.figures.map { figure in
      (figure.heading, { $0.metrics[figure.metric].map { String(format: "%.\(figure.digits)f", $0) } })
    }
    let columns: [(String, (Step) -> String?)] =
      [("step", { "\($0.step)" }), ("loss", { String(format: "%.6f", $0.loss) })]
      + figures.filter { figure in shown.contains { figure.1($0) != nil } }
      + [("learning rate", { String(format: "%.3g", $0.learningRate) })]
    return """
      ## Loss curve

      \(extent(shown.count)); each is one batch.

      \(table(columns.map(\.0), shown.map { step in columns.map { $0.1(step) ?? "" } }))
      """
  }

  private func extent(_ shown: Int) -> String {
    guard isWhole else { return "\(shown) of the steps, as the log of the run was damaged" }
    return shown < steps.count ? "\(shown) of \(steps.count) steps" : "All steps"
  }

  var evaluationSection: String {
    let rows = evaluations.flatMap { evaluation in
      evaluation.results.map { [code(evaluation.dataset), code($0.key), shortText($0.value)] }
    }
    let none = isWhole ? "The run had no evaluation data." : "The log of the run was damaged, and holds no evaluation."
    return "## Evaluation\n\n" + (rows.isEmpty ? none : table(["data", "metric", "value"], rows))
  }

  var costSection: String {
    let rate = cost.seconds > 0 ? ", \(shortText(Double(cost.tokens) / cost.seconds)) tokens a second" : ""
    let unit = cost.seconds < 3599.5 ? "minutes" : "hours"
    let memory = String(format: "%.2f GiB", Double(cost.peakMemoryBytes) / 0x1p30)
    return """
      ## Speed and hardware

      Training took \(isWhole ? "" : "at least ")\(clockText(cost.seconds)) \(unit) on \(line(cost.device)) in \(line(cost.dtype)): \(cost.tokens) \
      tokens\(rate), at most \(memory) of memory.
      """
  }

  /// At most `count` of the elements, evenly spread, the first and the last among them.
  static func evenly<Element>(_ elements: [Element], count: Int) -> [Element] {
    guard elements.count > count, count > 1 else { return elements }
    return (0..<count).map { elements[$0 * (elements.count - 1) / (count - 1)] }
  }
}
