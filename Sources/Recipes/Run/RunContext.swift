import Collectives
import Evaluation
import Foundation
import Reporting
import Torch
import Training
import Wording

/// Who hears of a run, who finds what it names, and who takes its steps.
public struct RunContext {
  let observers: [any RunObserver]
  let locator: any Locator
  /// The processes that take the steps together.
  let ranks: any Communicator
  /// What this process has of its host; nil where it is on its own, and has all.
  let host: HostShare?
  /// What earlier runs of a sweep have made of their data.
  let tokenized: TokenizedData?

  /// - Parameter settings: how several processes share the work, where there are several.
  init(
    observers: [any RunObserver], locator: any Locator, ranks settings: RankSettings, tokenized: TokenizedData? = nil
  ) throws {
    ranks = try Launch.join(timeLimit: .seconds(settings.collectiveTimeout))
    let isAlone = ranks.count == 1
    host = isAlone ? nil : try ranks.host()
    self.observers = ranks.isFirst ? observers : observers.map(SilentObserver.init)
    self.locator = isAlone ? locator : FirstRanksLocator(locator, ranks)
    self.tokenized = tokenized
  }

  /// Says something that a person should know.
  func remark(_ text: Wording) throws { try observers.observe(.remark(text)) }

  /// The bytes that this process may take: on a host with several ranks its part of what is free.
  var freeMemory: Int { SystemMemory.available / (host?.ranks.count ?? 1) }

  /// Where the run computes, as its card says it.
  func device(_ machine: MachineSettings) -> String {
    let threads = machine.threads ?? host?.threads ?? ProcessInfo.processInfo.activeProcessorCount
    guard ranks.count > 1 else { return "CPU, \(threads) threads" }
    return "CPU, \(ranks.count) ranks of \(threads) thread\(threads == 1 ? "" : "s")"
  }

  /// Loads libtorch with a rank's threads, and says who trains.
  func start(_ machine: MachineSettings) throws {
    // What launchers say of threads is meant for GPUs' hosts, as torchrun's one.
    try machine.start(threads: host?.threads)
    guard let host else { return }
    let hosts = Dictionary(grouping: try ranks.hosts(), by: { $0 }).mapValues(\.count).sorted { $0.key < $1.key }
    let names = hosts.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    let threads = machine.threads ?? host.threads
    try remark(
      "\(ranks.count) ranks by \(ranks.carrier ?? "") on \(hosts.count) host\(hosts.count == 1 ? "" : "s") (\(names)): "
        + "\(threads) thread\(threads == 1 ? "" : "s") each")
    guard machine.threads == nil, host.idleCores > 0 else { return }
    try remark(
      "\(host.idleCores) cores of \(host.name) stay idle, since the launcher binds each rank to some of them; Open MPI's mpirun "
        + "does not with -bind-to none")
  }
}

/// One that hears nothing, since it is not on the first rank; it may ask to stop all the same.
private final class SilentObserver: RunObserver {
  private let observer: any RunObserver

  init(_ observer: any RunObserver) { self.observer = observer }

  var asksToStop: Bool { observer.asksToStop }

  func observe(_ event: RunEvent) {}
}

/// What the first rank's locator finds: it alone asks the hub, and the others read where it says.
private struct FirstRanksLocator: Locator {
  private let locator: any Locator
  private let ranks: any Communicator

  init(_ locator: any Locator, _ ranks: any Communicator) { (self.locator, self.ranks) = (locator, ranks) }

  func model(_ name: String) throws -> URL {
    let found = try ranks.isFirst ? locator.model(name) : nil
    let path = try ranks.broadcast(found.map { Array($0.path.utf8) } ?? [])
    return found ?? URL(filePath: String(decoding: path, as: UTF8.self))
  }

  func data(_ names: [String]) throws -> (paths: [String], remarks: [String]) {
    let found = try ranks.isFirst ? locator.data(names) : nil
    // No path holds a zero.
    let paths = try ranks.broadcast(Array((found?.paths ?? []).joined(separator: "\0").utf8))
    return found ?? (String(decoding: paths, as: UTF8.self).split(separator: "\0").map(String.init), [])
  }

  func title(_ name: String) -> String { locator.title(name) }

  /// Once the first rank has fetched them, the others find them in the cache.
  func benchmark(_ task: any EvaluationTask, at place: String?) throws -> BenchmarkData {
    let found = try ranks.isFirst ? locator.benchmark(task, at: place) : nil
    _ = try ranks.broadcast([])
    return try found ?? locator.benchmark(task, at: place)
  }
}
