import JSON

/// Which tensor goes into which safetensors file.
struct ShardPlan {
  static let indexName = "model.safetensors.index.json"

  /// The files in order.
  let shards: [(name: String, tensors: [OutputTensor])]
  /// The index; nil where one file holds everything.
  let index: JSON?

  /// Fills shards in the order of the tensors; a tensor that does not fit any more begins the next.
  init(_ tensors: [OutputTensor], shardBytes: Int) {
    var groups: [[OutputTensor]] = []
    var filled = Int.max
    for tensor in tensors {
      if filled > shardBytes - min(tensor.byteCount, shardBytes) {
        groups.append([])
        filled = 0
      }
      groups[groups.count - 1].append(tensor)
      filled += tensor.byteCount
    }
    guard groups.count > 1 else {
      shards = [("model.safetensors", tensors)]
      index = nil
      return
    }
    let count = groups.count
    shards = groups.enumerated().map {
      ("model-\(Self.fiveDigits($0 + 1))-of-\(Self.fiveDigits(count)).safetensors", $1)
    }
    let map = shards.flatMap { shard in shard.tensors.map { ($0.name, JSON.string(shard.name)) } }
    index = [
      "metadata": [
        "total_parameters": .integer(tensors.reduce(0) { $0 + $1.elementCount }),
        "total_size": .integer(tensors.reduce(0) { $0 + $1.byteCount }),
      ],
      "weight_map": .object(TextKeyed(map, uniquingKeysWith: { $1 })),
    ]
  }

  private static func fiveDigits(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }
}
