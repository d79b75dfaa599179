import Llama
import Torch

extension InferenceModel {
  /// Reads pieces of sequences in one pass, adding their tokens to their caches, which have room for them.
  /// - Parameter rows: the tokens, counted over all pieces, whose logits are wanted.
  /// - Returns: the logits for what follows those tokens, rows×V.
  func forward(_ pieces: [SequencePiece], logitsOf rows: [Int]) throws -> Tensor {
    try requireOneGeneration(pieces)
    let tokens = pieces.flatMap(\.tokens)
    let places = TokenPlaces(pieces, layers: layers.count)
    let lengths = pieces.flatMap { repeatElement($0.length, count: $0.tokens.count) }
    let angles = try rotary.angles(positions: places.positions, lengths: lengths)
    let x = try embedding.gather(tokens)
    try x.multiply(by: Float(config.multipliers.embedding))
    let buffers = try LayerBuffers(tokens: tokens.count, config, format)
    for (index, layer) in layers.enumerated() {
      try layer.forward(x, layer: index, places: places, angles: angles[index], config: config, format, buffers)
    }
    for piece in pieces { piece.cache.append(piece.tokens) }

    let logits = try Tensor(uninitialized: [rows.count, config.vocabularySize])
    guard !rows.isEmpty else { return logits }
    let last = try Tensor(uninitialized: [rows.count, config.hiddenSize])
    for (index, row) in rows.enumerated() {
      (last.floats + index * config.hiddenSize).update(
        from: x.floats + row * config.hiddenSize, count: config.hiddenSize)
    }
    let hidden = buffers.normalized.rows(0..<rows.count)
    try normalize(last, by: norm, offset: config.family.normOffset, config, into: hidden, scale: buffers.scale)
    try projection.multiply(hidden, into: logits, buffers.packed)
    try LogitShaping(config.multipliers).forward(logits)
    return logits
  }
}
