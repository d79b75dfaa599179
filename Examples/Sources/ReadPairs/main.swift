// Counts how often the better answer is the longer one, and writes the pairs where it is not.
import Datasets
import Text

let reader = try DatasetReader<PreferencePair>(["pairs.jsonl"], skipInvalid: true)
var kept: [PreferencePair] = []
while let pair = try reader.next() {
  func length(_ answer: [Message]) -> Int { answer.reduce(0) { $0 + $1.content.count } }
  if length(pair.chosen) <= length(pair.rejected) { kept.append(pair) }
}
print(reader.report)
print("the better answer is not the longer one in \(kept.count) of \(reader.report.kept)")
try JSONLines.write(kept.map(\.json), to: "short.jsonl")
