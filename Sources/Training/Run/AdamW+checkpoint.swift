import Collectives
import JSON
import Llama
import ModelFiles
import Torch

extension AdamW {
  /// A tensor of the moments as a checkpoint has it, whoever keeps which part of it.
  private struct Stored {
    let name: String
    let shape: [Int]
    /// Places in a map of 8 bits; float32 otherwise.
    let isBytes: Bool
    /// Which of its numbers each rank keeps.
    let parts: [Range<Int>]
    /// Those of this rank.
    let own: UnsafeMutableRawBufferPointer

    var type: ElementType { isBytes ? .uint8 : .float32 }

    /// The bytes that a range of its numbers takes.
    func byteCount(_ part: Range<Int>) -> Int { part.count * type.size }
  }

  /// Numbers first, scales of narrow moments among them, then places in maps, under names that do not depend on where they lie in
  /// memory.
  private var stored: [Stored] {
    var (numbers, scales, bytes): ([[Stored]], [Stored], [Stored]) = ([[], []], [], [])
    let own = Dictionary(uniqueKeysWithValues: places.map { ($0.entry.name, $0) })
    for (entry, gradients) in parameters.trainedEntries {
      let parts = kept.map { gradients.part(in: $0) ?? 0..<0 }
      let place = own[entry.name]?.place
      guard Self.isNarrow(gradients, settings.moments) else {
        let start = if case .wide(let start) = place { start } else { 0 }
        for (index, (name, moment)) in [("first_moment", firstMoment), ("second_moment", secondMoment)].enumerated() {
          let room = UnsafeMutableBufferPointer(start: moment.floats + start, count: parts[ranks.rank].count)
          numbers[index].append(
            Stored(
              name: "\(name).\(entry.name)", shape: entry.shape, isBytes: false, parts: parts,
              own: UnsafeMutableRawBufferPointer(room)))
        }
        continue
      }
      let moments: NarrowMoments? = if case .narrow(let moments) = place { moments } else { nil }
      let blocks = parts.map { $0.lowerBound / Self.block..<($0.upperBound + Self.block - 1) / Self.block }
      for (index, name) in NarrowMoments.scaleNames.enumerated() {
        scales.append(
          Stored(
            name: "\(name).\(entry.name)", shape: [(gradients.count + Self.block - 1) / Self.block], isBytes: false,
            parts: blocks,
            own: UnsafeMutableRawBufferPointer(moments?.scales[index].buffer ?? .init(start: nil, count: 0))))
      }
      for (index, name) in NarrowMoments.placeNames.enumerated() {
        bytes.append(
          Stored(
            name: "\(name).\(entry.name)", shape: entry.shape, isBytes: true, parts: parts,
            own: UnsafeMutableRawBufferPointer(moments?.places[index] ?? .init(start: nil, count: 0))))
      }
    }
    return numbers.joined() + scales + bytes
  }

  /// The moments as the first rank writes them: in parts, which the ranks that keep them send.
  var outputTensors: [OutputTensor] {
    stored.map { tensor in
      OutputTensor(name: tensor.name, elementType: tensor.type, shape: tensor.shape) { body in
        for owner in self.owners where !tensor.parts[owner].isEmpty {
          try self.withPart(of: tensor, from: owner) { bytes in
            guard tensor.isBytes else { return try body(UnsafeBufferPointer(bytes.bindMemory(to: Float.self))) }
            for start in stride(from: 0, to: bytes.count, by: 1 << 20) {
              try bytes[start..<min(start + 1 << 20, bytes.count)].map { Float($0) }.withUnsafeBufferPointer(body)
            }
          }
        }
      }
    }
  }

  /// Sends the first rank what it writes of this one's, in the order in which it writes.
  func sendMoments() throws {
    guard owners.contains(ranks.rank) else { return }
    for tensor in stored { try ranks.send(UnsafeRawBufferPointer(tensor.own), to: 0) }
  }

  /// The ranks whose parts make the whole.
  private var owners: Range<Int> { keepsAll ? 0..<1 : 0..<ranks.count }

  private func withPart(
    of tensor: Stored, from owner: Int, _ body: (UnsafeMutableRawBufferPointer) throws -> Void
  ) throws {
    if owner == ranks.rank { return try body(tensor.own) }
    let room = UnsafeMutableRawBufferPointer.allocate(
      byteCount: tensor.byteCount(tensor.parts[owner]), alignment: 64)
    defer { room.deallocate() }
    try ranks.receive(into: room, from: owner)
    try body(room)
  }

  /// Takes this rank's part of the moments of a checkpoint.
  func restore(_ tensors: [StoredTensor], stepCount: Int) throws {
    let files = TextKeyed(tensors.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    if files["first_moment"] != nil { return try restoreFlat(files, stepCount: stepCount) }
    let stored = stored
    guard tensors.count == stored.count else {
      throw TrainingError("the optimizer has \(tensors.count) moments, and what trains has \(stored.count)")
    }
    for tensor in stored {
      guard let file = files[tensor.name], file.shape == tensor.shape, file.elementType == tensor.type else {
        throw TrainingError("the optimizer's \(tensor.name) is missing or of another model")
      }
      let part = tensor.parts[ranks.rank]
      guard !part.isEmpty else { continue }
      let start = tensor.byteCount(0..<part.lowerBound)
      file.withBytes { bytes in
        tensor.own.copyMemory(
          from: UnsafeRawBufferPointer(rebasing: bytes[start..<start + tensor.byteCount(part)]))
      }
    }
    self.stepCount = stepCount
  }

  /// Version 0.1 wrote each moment as one tensor: of all matrices and norms, and then of all biases.
  private func restoreFlat(_ files: TextKeyed<StoredTensor>, stepCount: Int) throws {
    let entries = parameters.trainedEntries
    let order = entries.filter { !$0.entry.tensor.isBias } + entries.filter { $0.entry.tensor.isBias }
    let own = Dictionary(uniqueKeysWithValues: places.map { ($0.entry.name, $0) })
    for (name, moment) in [("first_moment", firstMoment), ("second_moment", secondMoment)] {
      guard let tensor = files[name], tensor.shape == [gradients.count], settings.moments == .float32 else {
        throw TrainingError("the optimizer's \(name) is missing or of another model")
      }
      let flat = try Tensor(uninitialized: tensor.shape)
      try tensor.readFloats(into: flat.buffer)
      var offset = 0
      for (entry, range) in order {
        if let moments = own[entry.name], case .wide(let start) = moments.place {
          (moment.floats + start).update(
            from: flat.floats + offset + moments.part.lowerBound, count: moments.part.count)
        }
        offset += range.count
      }
    }
    self.stepCount = stepCount
  }
}
