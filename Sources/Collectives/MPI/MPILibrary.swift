import Foundation

/// An MPI library that was found at run time, with the words of its ABI: Open MPI, MPICH and its kin, or the standard ABI of
/// MPI 5.0. Handles are pointers to one and 32-bit numbers to the other; an `Int` is passed as either.
struct MPILibrary: @unchecked Sendable {
  typealias Handle = Int
  typealias SendOrReceive =
    @convention(c) (UnsafeMutableRawPointer?, Int32, Handle, Int32, Int32, Handle, UnsafeMutablePointer<Handle>) ->
    Int32

  let world: Handle
  let byte: Handle
  let send: SendOrReceive
  let receive: SendOrReceive
  let test: @convention(c) (UnsafeMutablePointer<Handle>, UnsafeMutablePointer<Int32>, UnsafeMutableRawPointer) -> Int32
  let initialize:
    @convention(c) (
      UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, Int32, UnsafeMutablePointer<Int32>
    ) -> Int32
  let rank: @convention(c) (Handle, UnsafeMutablePointer<Int32>) -> Int32
  let size: @convention(c) (Handle, UnsafeMutablePointer<Int32>) -> Int32
  let end: @convention(c) (Handle, Int32) -> Int32
  let finalize: @convention(c) () -> Int32
  /// What it calls itself, as in `Open MPI v4.1.4`.
  let name: String

  /// Loads the first library of these names that there is.
  /// - Throws: `CollectiveError` naming what was looked for.
  init(names: [String]) throws {
    // Open MPI's parts look for its symbols among the process's.
    guard let library = names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_GLOBAL) }).first else {
      let list = names.joined(separator: ", ")
      throw CollectiveError(
        "this process is one of several that MPI's launcher started, and no MPI library was found (\(list)); "
          + "install the launcher's library (on Debian libopenmpi3 or libmpich12), or name it by CARAVAN_MPI=PATH")
    }
    func find<Function>(_ name: String, as type: Function.Type = Function.self) throws -> Function {
      guard let symbol = dlsym(library, name) else {
        throw CollectiveError("the MPI library has no \(name); name another by CARAVAN_MPI=PATH")
      }
      return unsafeBitCast(symbol, to: type)
    }
    send = try find("MPI_Isend")
    receive = try find("MPI_Irecv")
    test = try find("MPI_Test")
    initialize = try find("MPI_Init_thread")
    rank = try find("MPI_Comm_rank")
    size = try find("MPI_Comm_size")
    end = try find("MPI_Abort")
    finalize = try find("MPI_Finalize")
    if let world = dlsym(library, "ompi_mpi_comm_world"), let byte = dlsym(library, "ompi_mpi_byte") {
      (self.world, self.byte) = (Int(bitPattern: world), Int(bitPattern: byte))
    } else if Self.hasStandardABI(library) {
      (world, byte) = (0x101, 0x247)
    } else {
      (world, byte) = (0x4400_0000, 0x4c00_010d)
    }
    name = Self.name(library)
  }

  /// MPICH 5 has the function in its own ABI too, where it says −1.
  private static func hasStandardABI(_ library: UnsafeMutableRawPointer) -> Bool {
    typealias Version = @convention(c) (UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>) -> Int32
    guard let symbol = dlsym(library, "MPI_Abi_get_version") else { return false }
    var (major, minor) = (Int32(-1), Int32(-1))
    return unsafeBitCast(symbol, to: Version.self)(&major, &minor) == 0 && major >= 1
  }

  private static func name(_ library: UnsafeMutableRawPointer) -> String {
    typealias Version = @convention(c) (UnsafeMutablePointer<CChar>, UnsafeMutablePointer<Int32>) -> Int32
    // The longest text that any of them gives has 8192 characters.
    var (text, length) = ([CChar](repeating: 0, count: 1 << 14), Int32(0))
    guard let symbol = dlsym(library, "MPI_Get_library_version"),
      unsafeBitCast(symbol, to: Version.self)(&text, &length) == 0
    else { return "MPI" }
    let words = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    let first = String(decoding: words, as: UTF8.self).split { $0 == "\n" || $0 == "," }.first ?? "MPI"
    return first.replacing(":", with: "").split(whereSeparator: \.isWhitespace).prefix(4).joined(separator: " ")
  }
}
