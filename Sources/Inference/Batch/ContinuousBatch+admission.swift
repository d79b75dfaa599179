extension ContinuousBatch {
  /// Lets waiting sequences run, in their order, as far as there is room.
  func admit() throws {
    var index = 0
    while index < waiting.count, running.count < limits.sequences,
      reservedTokens + waiting[index].capacity <= limits.cachedTokens
    {
      let (known, isBeingRead) = beginning(of: waiting[index])
      // Its prompt, or most of it, is being read for another sequence: once that is done it need not be read again.
      guard !isBeingRead else { index += 1; continue }
      let next = waiting.remove(at: index)
      next.cache =
        try known.map { try $0.cache.copy($0.count, capacity: next.capacity) }
        ?? KeyValueCache(model, capacity: next.capacity)
      running.append(next)
      // What goes on as a whole needs no second copy.
      if let known, known.count == known.cache.tokens.count { remembered.removeAll { $0 === known.cache } }
      makeRoom()
    }
  }

  /// Takes a sequence out of those that run, and remembers what it had read.
  func end(_ id: ID) {
    guard let index = running.firstIndex(where: { $0.id == id }) else { return }
    guard let cache = running.remove(at: index).cache, reusesBeginnings else { return }
    remembered.append(cache)
    makeRoom()
  }

  /// Forgets the oldest until the rest and what runs keep the limits.
  private func makeRoom() {
    while !remembered.isEmpty,
      remembered.count > limits.sequences
        || reservedTokens + remembered.reduce(0, { $0 + $1.capacity }) > limits.cachedTokens
    { remembered.removeFirst() }
  }

  /// Keys are turned by angles that, with dynamic scaling and LongRoPE, depend on the length of the whole sequence.
  private var reusesBeginnings: Bool { model.config.ropeScaling.changesBeyond == nil }

  /// The cache that holds the most of a prompt's beginning, and whether a running sequence will soon hold much more.
  private func beginning(of next: BatchedSequence) -> (known: (cache: KeyValueCache, count: Int)?, isBeingRead: Bool) {
    // Scores are those of logits, which nobody remembers.
    guard reusesBeginnings, !next.request.scoresPrompt else { return (nil, false) }
    // The last token is read in any case: it gives the first logits.
    let prompt = next.request.prompt.dropLast()
    var best: (cache: KeyValueCache, count: Int)?
    for cache in remembered + running.compactMap(\.cache) {
      let count = prompt.countOfShared(cache.tokens[...])
      if count > best?.count ?? 0 { best = (cache, count) }
    }
    let soon = running.filter { !$0.isDecoding }.map { prompt.countOfShared($0.request.prompt[...]) }.max() ?? 0
    return (best, soon >= Self.worthWaiting && soon > best?.count ?? 0)
  }

  /// Shared beginnings as long as this are waited for; shorter ones are read again sooner than that.
  private static let worthWaiting = 32
}

extension ArraySlice<Int32> {
  /// How many elements two sequences have in common at their beginnings.
  func countOfShared(_ other: ArraySlice<Int32>) -> Int {
    // Waiting sequences ask this at every step: no list of pairs is made for it.
    let count = Swift.min(count, other.count)
    return (0..<count).first { self[startIndex + $0] != other[other.startIndex + $0] } ?? count
  }
}
