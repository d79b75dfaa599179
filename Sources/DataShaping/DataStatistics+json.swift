import JSON

extension DataStatistics {
  /// The statistics for programs: counts, and for each part its mean and percentiles.
  package var json: JSON {
    var members: [(String, JSON)] = [
      ("unit", .string(unit)), ("records", .integer(records)), ("pairs", .integer(pairs)),
      ("conversations", .integer(conversations)), ("length", .integer(totalLength)),
      ("duplicates", .integer(duplicates)), ("prompts", .integer(prompts)), ("shared_prompts", .integer(sharedPrompts)),
      ("records_with_shared_prompt", .integer(recordsWithSharedPrompt)),
    ]
    if pairs > 0 {
      members += [
        ("chosen_longer", .integer(chosenLonger)), ("equally_long", .integer(equallyLong)),
        ("same_answers", .integer(sameAnswers)), ("mean_length_difference", .number(difference.mean)),
      ]
    }
    if ratings > 0 { members += [("ratings", .integer(ratings)), ("good", .integer(good)), ("bad", .integer(bad))] }
    if weighted > 0 { members.append(("weighted", .integer(weighted))) }
    if let maximumLength {
      members += [
        ("maximum_length", .integer(maximumLength)), ("truncated", .integer(truncated)),
        ("length_cut", .integer(excess)),
      ]
    }
    members.append(("lengths", .object(.init(columns.map { ($0.name, $0.json) }) { $1 })))
    return .object(.init(members) { $1 })
  }
}

extension LengthColumn {
  fileprivate var json: JSON {
    var members: [(String, JSON)] = [("mean", .number(mean))]
    for share in Self.shares { members.append(("p\(Int((share * 100).rounded()))", .integer(percentile(share)))) }
    return .object(.init(members) { $1 })
  }
}
