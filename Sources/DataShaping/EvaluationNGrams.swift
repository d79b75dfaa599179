/// The runs of words that occur in evaluation prompts, by which these are found in training data.
///
/// A text is contaminated where it shares a run of 13 words with an evaluation prompt (Brown et al., 2020, appendix C), or
/// of another length that is asked for. Of a prompt that is shorter, all words must occur in a row; one of fewer than eight
/// words must be the whole text, since short runs such as "what is the capital of" are everybody's.
package struct EvaluationNGrams: Sendable {
  /// The shortest prompt that is looked for within a longer text.
  private static let shortestWithin = 8

  /// The most words of a run.
  package let length: Int
  /// For each file, how many prompts were read.
  package private(set) var promptCounts: [Int] = []

  /// For each run the number of its set of files.
  private var owners: [UInt64: Int] = [:]
  /// Whole prompts, likewise.
  private var wholeOwners: [UInt64: Int] = [:]
  private var lengths: Set<Int> = []
  private var fileSets: [[Int]] = []
  private var fileSetNumbers: [[Int]: Int] = [:]

  /// No prompts yet.
  package init(length: Int) { self.length = length }

  /// Begins a file of prompts.
  package mutating func beginFile() { promptCounts.append(0) }

  /// Adds a prompt of the file that was begun last.
  package mutating func add(_ prompt: TextWords) {
    guard let file = promptCounts.indices.last, !prompt.hashes.isEmpty else { return }
    promptCounts[file] += 1
    let length = min(length, prompt.hashes.count)
    guard length >= min(self.length, Self.shortestWithin) else {
      return add(file, to: \.wholeOwners, prompt.key)
    }
    lengths.insert(length)
    for run in prompt.shingles(length) { add(file, to: \.owners, run) }
  }

  /// The files, by their number, of which a text contains a prompt or a part of one.
  package func files(foundIn text: TextWords) -> [Int] {
    var found: Set<Int> = []
    if let set = wholeOwners[text.key] { found.formUnion(fileSets[set]) }
    for length in lengths where text.hashes.count >= length {
      for run in text.shingles(length) {
        if let set = owners[run] { found.formUnion(fileSets[set]) }
      }
    }
    return found.sorted()
  }

  private mutating func add(_ file: Int, to owners: WritableKeyPath<Self, [UInt64: Int]>, _ run: UInt64) {
    let known = self[keyPath: owners][run].map { fileSets[$0] } ?? []
    // Files come one after the other, so that the newest is the last.
    guard known.last != file else { return }
    let files = known + [file]
    let number = fileSetNumbers[files] ?? fileSets.count
    if number == fileSets.count {
      fileSets.append(files)
      fileSetNumbers[files] = number
    }
    self[keyPath: owners][run] = number
  }
}
