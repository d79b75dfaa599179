import ModelFiles

/// Where ranks keep a model together, they pass through its groups at the same time, each with a micro-batch of its own or with none:
/// values are fetched where a group is used, and gradients collected where the backward leaves it.
extension LlamaModel {
  /// Whether several ranks keep it together.
  package var isShared: Bool { parameters.shards != nil }

  /// Has the head's weights in memory while a micro-batch's hidden states go through it, forward and, where it is trained, back.
  public func usingHead(training: Bool, _ body: () throws -> Void) throws {
    try using(headGroup, body)
    if training { try collect(headGroup) }
  }

  /// Passes through the model without tokens, for the sake of ranks that have some.
  package func standBy(training: Bool) throws {
    try using(.embedding) {}
    for index in layers.indices { try using(.layer(index)) {} }
    try using(.norm) {}
    try usingHead(training: training) {}
    guard training, trainsBelowHead else { return }
    try using(.norm) {}
    try collect(.norm)
    for index in layers.indices.dropFirst(firstReachedLayer).reversed() {
      try using(.layer(index)) {}
      try collect(.layer(index))
    }
    try collect(.embedding)
  }

  /// Has a group's weights in memory while they are used, and those of its adapter.
  func using<Result>(_ group: Architecture.Group, _ body: () throws -> Result) throws -> Result {
    try parameters.using(group) { try adapter?.parameters.using(group, body) ?? body() }
  }

  /// Says that the backward has added all it has to a group's gradients.
  func collect(_ group: Architecture.Group) throws { try trained.collect(group) }

  /// What the head reads: the score, the projection, or the embedding that serves as one.
  private var headGroup: Architecture.Group {
    score != nil ? .score : config.architecture.projection?.group ?? .embedding
  }
}
