import Foundation
import JSON

/// A state dict that `torch.save` wrote (`pytorch_model.bin`), mapped into memory: a zip archive with a pickle that
/// describes the tensors, and an entry for each storage.
///
/// The pickle can describe tensors and do nothing else; see `Unpickler`.
public struct PyTorchFile: Sendable {
  /// The tensors, in the order of the state dict. Several may share their bytes.
  public let tensors: [StoredTensor]

  /// Larger pickles are refused: a state dict of 100,000 tensors takes two thirds of this.
  static let largestPickle = 32 << 20

  /// Maps the file at `url` and reads its pickle.
  /// - Throws: `ModelFileError`.
  public init(_ url: URL) throws { try self.init(path: url.path) }

  init(path: String) throws {
    let file = try MappedFile(path)
    try Self.requireZip(file)
    let archive = try ZipArchive(file)
    let pickles = archive.entries.keys.filter { $0.hasSuffix("/data.pkl") && $0.split(separator: "/").count == 2 }
    guard pickles.count == 1, let pickle = pickles.first, let program = archive.bytes(pickle) else {
      throw ModelFileError(path, "is not a PyTorch checkpoint: the archive holds no data.pkl")
    }
    guard program.count <= Self.largestPickle else {
      throw ModelFileError(path, "its pickle takes \(program.count) bytes, the most allowed are \(Self.largestPickle)")
    }
    let root = pickle.dropLast("data.pkl".count)
    if let order = archive.bytes(root + "byteorder"), !order.elementsEqual("little".utf8) {
      throw ModelFileError(path, "was written by a big-endian machine, which is not supported")
    }

    var unpickler = Unpickler(program, path: path)
    var places: TextKeyed<Int> = [:]
    var tensors: [StoredTensor] = []
    for (name, view) in try unpickler.stateDict() {
      let tensor = try Self.tensor(name, view, entry: archive.entries["\(root)data/\(view.storage.key)"], file)
      // As in Python, a name that is set twice keeps its last value.
      if let place = places[name] {
        tensors[place] = tensor
      } else {
        places[name] = tensors.count
        tensors.append(tensor)
      }
    }
    self.tensors = tensors
  }

  private static func requireZip(_ file: MappedFile) throws {
    let isTar = file.slice(at: 257, count: 5)?.elementsEqual("ustar".utf8) ?? false
    if isTar || file.bytes.first == 0x80 {
      throw ModelFileError(
        file.path, "is in PyTorch's old format (before 1.6); load it with torch.load and save it again with torch.save")
    }
    guard file.bytes.starts(with: "PK".utf8) else {
      throw ModelFileError(file.path, "is not a PyTorch checkpoint: it is not a zip archive")
    }
  }

  /// Checks that every element of `view` lies in the storage, and the storage in the file.
  private static func tensor(
    _ name: String, _ view: PickleTensor, entry: ZipArchive.Entry?, _ file: MappedFile
  ) throws -> StoredTensor {
    func error(_ reason: String) -> ModelFileError { ModelFileError(file.path, "tensor \(quoted(name)): \(reason)") }
    let storage = view.storage
    let size = storage.elementType.size
    guard let entry else { throw error("its storage \(quoted(storage.key)) is not in the archive") }
    guard storage.elementCount >= 0, storage.elementCount <= entry.count,
      storage.elementCount * size == entry.count
    else {
      throw error(
        "its storage claims \(storage.elementCount) elements of \(storage.elementType.torchName), and has \(entry.count) bytes"
      )
    }
    guard view.strides.count == view.shape.count, view.strides.allSatisfy({ $0 >= 0 }), view.offset >= 0,
      let count = checkedProduct(view.shape), count <= storage.elementCount
    else { throw error("shape \(view.shape) with strides \(view.strides) does not fit its storage") }

    var isContiguous = true
    if count > 0 {
      var last = view.offset
      var expected = 1
      for (size, stride) in zip(view.shape, view.strides).reversed() where size > 1 {
        let (step, overflow) = (size - 1).multipliedReportingOverflow(by: stride)
        let (next, nextOverflow) = last.addingReportingOverflow(step)
        guard !overflow, !nextOverflow else { throw error("strides \(view.strides) overflow") }
        last = next
        if stride != expected { isContiguous = false }
        expected *= size
      }
      guard last < storage.elementCount else {
        throw error("it reaches element \(last) of a storage of \(storage.elementCount)")
      }
    }
    return StoredTensor(
      name: name, elementType: storage.elementType, shape: view.shape, elementCount: count,
      strides: isContiguous ? nil : view.strides, file: file,
      offset: count == 0 ? entry.offset : entry.offset + view.offset * size)
  }
}
