import ModelFiles

/// Where ranks keep a model together, they pass through its groups at the same time, each with a micro-batch of its own or with none:
/// values are fetched where a group is used, and gradients collected where the backward leaves it. Both go on beside the computing:
/// while a group is used, the next one comes.
extension LlamaModel {
  /// Whether several ranks keep it together.
  package var isShared: Bool { traffic != nil }

  /// Has the head's weights in memory while a micro-batch's hidden states go through it, forward and, where it is trained, back.
  public func usingHead(training: Bool, _ body: () throws -> Void) throws {
    let goesOn = training && trainsBelowHead
    try using(headGroup, before: goesOn ? .norm : nil, body)
    if training { try collect(headGroup) }
    if !goesOn { try traffic?.finish() }
  }

  /// Passes through the model without tokens, for the sake of ranks that have some.
  package func standBy(training: Bool) throws {
    try using(.embedding, before: group(after: -1)) {}
    for index in layers.indices { try using(.layer(index), before: group(after: index)) {} }
    try using(.norm, before: headGroup) {}
    try usingHead(training: training) {}
    guard training, trainsBelowHead else { return }
    try using(.norm, before: group(beneath: layers.count)) {}
    try collect(.norm)
    for index in layers.indices.dropFirst(firstReachedLayer).reversed() {
      try using(.layer(index), before: group(beneath: index)) {}
      try collect(.layer(index))
    }
    try collect(.embedding)
    try traffic?.finish()
  }

  /// Has a group's weights in memory while they are used, and those of its adapter.
  /// - Parameter next: the group that will be used next; it comes meanwhile.
  func using<Result>(
    _ group: Architecture.Group, before next: Architecture.Group?, _ body: () throws -> Result
  ) throws -> Result {
    guard let traffic else { return try body() }
    nonisolated(unsafe) let model = self
    try traffic.await(group) { try model.fetch(group) }
    if let next { traffic.expect(next) { try model.fetch(next) } }
    defer { release(group) }
    return try body()
  }

  /// Says that the backward has added all it has to a group's gradients.
  func collect(_ group: Architecture.Group) throws {
    nonisolated(unsafe) let trained = trained
    guard let traffic else { return try trained.collect(group) }
    traffic.begin { try trained.collect(group) }
  }

  private func fetch(_ group: Architecture.Group) throws {
    try parameters.fetch(group)
    try frozen?.fetch(group)
    try adapter?.parameters.fetch(group)
  }

  private func release(_ group: Architecture.Group) {
    parameters.release(group)
    frozen?.release(group)
    adapter?.parameters.release(group)
  }

  /// What a forward uses after a layer.
  func group(after index: Int) -> Architecture.Group { index + 1 < layers.count ? .layer(index + 1) : .norm }

  /// What a backward uses after a layer.
  func group(beneath index: Int) -> Architecture.Group? { index > firstReachedLayer ? .layer(index - 1) : nil }

  /// What the head reads: the score, the projection, or the embedding that serves as one.
  var headGroup: Architecture.Group { score != nil ? .score : config.architecture.projection?.group ?? .embedding }
}
