import ArgumentParser
import Collectives
import Foundation

/// Where this process is one of several, ends all of them for an error, with its line from one of them; otherwise does nothing.
func endRanks(for error: any Error) {
  guard let launch = try? Launch(), launch.count > 1 else { return }
  let code = Caravan.exitCode(for: error)
  guard let ranks = Launch.joined, ranks.count > 1 else {
    // Nothing is done together yet. What is wrong for all, and help, the first rank says.
    guard launch.rank > 0 else { return }
    if code == .success { exit(0) }
    sleep(1)
    return
  }
  // All ranks have agreed to stop.
  if error is ExitCode || code == .success {
    ranks.leave()
    if ranks.isFirst { return }
    exit(code.rawValue)
  }
  let lost = (error as? CollectiveError)?.lost
  // The first rank most likely fails for the same reason, and speaks before; then it ends this one.
  if !ranks.isFirst { sleep(3) }
  if lost == nil || ranks.rank == (lost == 0 ? 1 : 0) {
    note("Error: \(spoken(error)) (rank \(ranks.rank) on \(HostShare.current))")
  }
  // Whoever sees this rank go should know by then that it was not the first.
  usleep(300_000)
  ranks.abort()
}
