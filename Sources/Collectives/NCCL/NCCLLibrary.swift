import CNCCL
import Foundation

/// NCCL, found at run time: 2.14 or newer, since a communicator may only then be told not to block.
struct NCCLLibrary: @unchecked Sendable {
  let uniqueId: CNCCLGetUniqueId
  let initialize: CNCCLCommInitRankConfig
  let end: CNCCLCommAbort
  let state: CNCCLCommGetAsyncError
  let beginGroup: CNCCLGroup
  let endGroup: CNCCLGroup
  let reduce: CNCCLReduce
  let broadcast: CNCCLBroadcast
  let send: CNCCLSend
  let receive: CNCCLRecv
  private let errorText: CNCCLGetErrorString
  private let lastError: CNCCLGetLastError
  /// What it calls itself, as in `NCCL 2.30.7`.
  let name: String

  /// Loads a library.
  /// - Parameter path: a path, or a name such as `libnccl.so.2`.
  /// - Throws: `CollectiveError` where there is none, or one that is too old.
  init(path: String) throws {
    guard let library = dlopen(path, RTLD_NOW) else {
      throw CollectiveError(
        "CARAVAN_NCCL names a library that does not load: \(String(cString: dlerror())); pip has it as nvidia-nccl-cu13"
      )
    }
    let find = SymbolFinder(library, "NCCL at \(path)", "Caravan needs 2.14 or newer")
    uniqueId = try find("ncclGetUniqueId")
    initialize = try find("ncclCommInitRankConfig")
    end = try find("ncclCommAbort")
    state = try find("ncclCommGetAsyncError")
    beginGroup = try find("ncclGroupStart")
    endGroup = try find("ncclGroupEnd")
    reduce = try find("ncclReduce")
    broadcast = try find("ncclBroadcast")
    send = try find("ncclSend")
    receive = try find("ncclRecv")
    errorText = try find("ncclGetErrorString")
    lastError = try find("ncclGetLastError")
    let version: CNCCLGetVersion = try find("ncclGetVersion")
    var code: Int32 = 0
    _ = version(&code)
    name = "NCCL \(code / 10_000).\(code / 100 % 100).\(code % 100)"
  }

  /// The words of a result that is an error, and what was done last, where NCCL says it.
  func words(_ result: CNCCLResult, of communicator: CNCCLCommunicator?) -> String {
    let texts = [errorText(result), lastError(communicator)].compactMap { $0.map { String(cString: $0) } }
    return texts.map { $0.split(whereSeparator: \.isNewline).joined(separator: " ") }.filter { !$0.isEmpty }
      .joined(separator: ": ")
  }
}

/// Looks functions up in a library.
struct SymbolFinder {
  private let library: UnsafeMutableRawPointer
  private let name: String
  private let advice: String

  init(_ library: UnsafeMutableRawPointer, _ name: String, _ advice: String) {
    (self.library, self.name, self.advice) = (library, name, advice)
  }

  /// The function of a name.
  /// - Throws: `CollectiveError` where there is none.
  func callAsFunction<Function>(_ symbol: String, as type: Function.Type = Function.self) throws -> Function {
    guard let address = dlsym(library, symbol) else { throw CollectiveError("\(name) has no \(symbol); \(advice)") }
    return unsafeBitCast(address, to: type)
  }
}
