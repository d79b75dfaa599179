import JSON
import OrderedCollections
import YAML

extension ModelCard {
  /// The YAML that the Hub reads.
  func header() throws(ReportingError) -> String {
    var fields: TextKeyed<JSON> = [
      "base_model": .string(baseModel),
      // The hub knows data sets without their splits: OWNER/NAME:SPLIT.
      "datasets": .array(
        OrderedSet(data.map { $0.name.replacing(#/(\w/[\w.\/-]+):[\w.-]+/#) { $0.1 } }).map(JSON.string)),
    ]
    fields.merge(baseCard.inherited) { own, _ in own }
    fields["library_name"] = isAdapter ? "peft" : "transformers"
    fields["pipeline_tag"] = .string(task)
    fields["tags"] = .array(["caravan", words.tag].map(JSON.string) + (isAdapter ? ["lora"] : []))
    fields["model-index"] = [["name": .string(name), "results": .array(evaluations.map(result))]]
    do {
      return try YAML.text(of: .object(fields))
    } catch {
      throw ReportingError("README.md", "cannot write the card's header: \(error.reason)")
    }
  }

  /// What the hub calls that which the model does.
  private var task: String {
    switch kind {
    case .language: "text-generation"
    case .reward: "text-classification"
    }
  }

  private func result(_ evaluation: Evaluation) -> JSON {
    [
      "task": ["type": .string(task)],
      "dataset": ["name": .string(evaluation.dataset), "type": .string(evaluation.dataset)],
      "metrics": .array(
        evaluation.results.map { ["type": .string($0.key), "value": .number($0.value), "name": .string($0.key)] }),
    ]
  }
}
