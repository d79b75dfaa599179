import Llama
import Torch

extension InferenceModel {
  /// Reads pieces of sequences in one pass, adding their tokens to their caches, which have room for them.
  /// - Parameter rows: the tokens, counted over all pieces, whose logits are wanted.
  /// - Returns: the logits for what follows those tokens, rows×V.
  func forward(_ pieces: [SequencePiece], logitsOf rows: [Int]) throws -> Tensor {
    try requireOneGeneration(pieces)
    let tokens = pieces.flatMap(\.tokens)
    var places = TokenPlaces(pieces, layers: layers.count)
    let lengths = pieces.flatMap { repeatElement($0.length, count: $0.tokens.count) }
    let angles = try rotary.angles(positions: places.positions, lengths: lengths)
    var x = try embedding.gather(tokens)
    try x.multiply(by: Float(config.multipliers.embedding))
    var buffers = try LayerBuffers(tokens: tokens.count, config, format)
    for (index, layer) in layers.enumerated() {
      try layer.readKeys(x, layer: index, places: places, angles: angles[index], config: config, format, buffers)
      // Of the last layer, the other tokens' keys and values are all that anyone will read.
      if index == layers.count - 1, !rows.elementsEqual(tokens.indices) {
        guard !rows.isEmpty else { break }
        let selected = try LayerBuffers(tokens: rows.count, config, format)
        try buffers.queryKeyValue.copy(rows, into: selected.queryKeyValue)
        let wanted = try Tensor(uninitialized: [rows.count, config.hiddenSize])
        try x.copy(rows, into: wanted)
        (x, buffers, places) = (wanted, selected, TokenPlaces(places, tokens: rows, layers: layers.count))
      }
      try layer.forward(x, layer: index, places: places, config: config, format, buffers)
    }
    for piece in pieces { piece.cache.append(piece.tokens) }

    let logits = try Tensor(uninitialized: [rows.count, config.vocabularySize])
    guard !rows.isEmpty else { return logits }
    try normalize(x, by: norm, offset: config.family.normOffset, config, into: buffers.normalized, scale: buffers.scale)
    try projection.multiply(buffers.normalized, into: logits, buffers.packed)
    try LogitShaping(config.multipliers).forward(logits)
    return logits
  }
}

extension Tensor {
  /// Copies some rows, in their order.
  fileprivate func copy(_ rows: [Int], into y: Tensor) throws {
    let count = shape[1]
    try parallel(rows.count, grain: 64) { range in
      for index in range { (y.floats + index * count).update(from: floats + rows[index] * count, count: count) }
    }
  }
}
