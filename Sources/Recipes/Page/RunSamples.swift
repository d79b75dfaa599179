import Foundation
import JSON

/// Samples that a run kept, as many as people look at: answers to some prompts, from a few steps.
struct RunSamples {
  /// The answers to a prompt.
  struct Group {
    /// The last message before the answer.
    let prompt: String
    /// The answers, each an object as it was kept.
    let answers: [JSON]
  }

  /// The steps that are shown, in order, each with some of its prompts.
  let steps: [(step: Int, groups: [Group])]

  /// Reads a file of samples; what is no sample is passed over.
  /// - Parameters:
  ///   - count: the most steps: the first, the last, and others evenly between them.
  ///   - prompts: the most prompts of a step.
  init(_ url: URL, steps count: Int, prompts: Int) {
    let bytes = (try? Data(contentsOf: url, options: .mappedIfSafe)) ?? Data()
    let lines = bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in Self.step(of: line).map { ($0, line) } }
    let all = lines.reduce(into: [Int]()) { if $0.last != $1.0 { $0.append($1.0) } }
    let places = Set((0..<count).map { count > 1 ? $0 * max(0, all.count - 1) / (count - 1) : 0 })
    let shown = Set(places.filter(all.indices.contains).map { all[$0] })
    var groups: [Int: [Int: [JSON]]] = [:]
    for (step, line) in lines where shown.contains(step) {
      guard let sample = try? JSON(parsing: Array(line)), let group = sample["group"]?.int, group < prompts else {
        continue
      }
      groups[step, default: [:]][group, default: []].append(sample)
    }
    steps = shown.sorted().map { step in
      (step, (groups[step] ?? [:]).sorted { $0.key < $1.key }.map { Group(Self.prompt($0.value[0]), $0.value) })
    }
  }

  private static func prompt(_ sample: JSON) -> String { sample["prompt"]?.array?.last?["content"]?.string ?? "" }

  /// The step that a line begins with, as all of them do.
  private static func step(of line: Data) -> Int? {
    let head = Array(#"{"step": "#.utf8)
    guard line.starts(with: head) else { return nil }
    return Int(String(decoding: line.dropFirst(head.count).prefix { $0 != UInt8(ascii: ",") }, as: UTF8.self))
  }
}

extension RunSamples.Group {
  fileprivate init(_ prompt: String, _ answers: [JSON]) { self.init(prompt: prompt, answers: answers) }
}
