import JSON

/// The known name that a mistyped one most likely means, or nil where none is close.
///
/// Close is at most a third of the name's characters (at least one) added, dropped, replaced, or swapped with their
/// neighbour: the Damerau–Levenshtein distance, in its form where no part is edited twice.
public func nearestName(_ name: String, among known: some Sequence<String>) -> String? {
  let limit = max(1, name.count / 3)
  var best: (name: String, distance: Int)?
  // Longer names are no slips of the keyboard, and would only cost time.
  for candidate in known where abs(candidate.count - name.count) <= limit && name.count <= 100 {
    let distance = editDistance(Array(name), Array(candidate))
    if distance <= best.map({ $0.distance - 1 }) ?? limit { best = (candidate, distance) }
  }
  return best?.name
}

private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
      row.append(cost)
    }
    (beforeLast, last) = (last, row)
  }
  return last[b.count]
}
