/// `instruction` and `input`, which become one prompt with an empty line between them, and `output_1` and `output_2`, of
/// which `preference` (1 or 2) is the better one: of humans or of GPT-4, as the file has it.
struct AlpacaFarm: PublishedSource {
  static let name = "alpaca-farm"
  static let summary = "tatsu-lab/alpaca_farm, human or GPT-4 preference"

  init(_: SourceChoices) {}

  func take(_ row: PublishedRow) throws(RecordError) -> [Outcome] {
    let (instruction, input) = (try row.text("instruction"), try row.textOrEmpty("input"))
    let prompt = input.stripped.isEmpty ? instruction : instruction + "\n\n" + input
    let outputs = [try row.text("output_1"), try row.text("output_2")]
    switch row.json["preference"]?.int {
    case 1: return [.pair(prompt, outputs[0], outputs[1], source: "alpaca_farm", at: row.location)]
    case 2: return [.pair(prompt, outputs[1], outputs[0], source: "alpaca_farm", at: row.location)]
    case 0: return [.dropped("neither answer is preferred", row.location, rows: 1)]
    default: throw row.mismatch("preference", "1 or 2")
    }
  }
}
