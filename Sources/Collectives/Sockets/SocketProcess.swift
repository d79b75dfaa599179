import Foundation
import Wording

/// A process that `torchrun` or another launcher started with the variables of `torch.distributed`: ranks are connected with one
/// another by TCP, so that no library is needed.
///
/// They meet at the first rank: each tells it where it listens, and is told where the others do. The launcher itself uses
/// `MASTER_PORT`, so they meet at one of the ports above. Whoever cannot say the run's name is not let in; the network itself is
/// trusted, as with gloo.
final class SocketProcess: Communicator {
  let rank: Int
  let count: Int
  let carrier: String? = "TCP"
  /// The connection to each rank; none to itself.
  private let peers: [Socket?]
  private let timeLimit: Duration
  /// How many ports above that of the launcher are tried.
  private static let ports = 16
  /// How long launchers may take to start all of them.
  private static let patience = Duration.seconds(300)

  /// Meets the others.
  /// - Throws: `CollectiveError` where they do not come within some minutes.
  init(_ launch: Launch, meetingAt host: String, port: Int, run: String, timeLimit: Duration) throws {
    (rank, count, self.timeLimit) = (launch.rank, launch.count, timeLimit)
    let hello = { (number: Int) in
      "caravan \(Self.protocolVersion) \(launch.count) \(number) \(run.filter { !$0.isWhitespace })"
    }
    let meeting = Meeting(until: .now + Self.patience, hello: hello, count: launch.count)
    peers =
      try launch.rank == 0
      ? meeting.host(at: (port + 1...port + Self.ports).map { $0 })
      : meeting.join(rank: launch.rank, host: host, ports: (port + 1...port + Self.ports).map { $0 })
    for peer in peers { peer?.becomeCarrier() }
  }

  private static let protocolVersion = 2

  func exchange(sending: [Outgoing], receiving: [Incoming]) throws {
    var outgoing = [[UnsafeRawBufferPointer]](repeating: [], count: count)
    var incoming = [[UnsafeMutableRawBufferPointer]](repeating: [], count: count)
    for message in sending.reversed() where !message.bytes.isEmpty { outgoing[message.rank].append(message.bytes) }
    for message in receiving.reversed() where !message.bytes.isEmpty { incoming[message.rank].append(message.bytes) }
    var last = ContinuousClock.now
    while true {
      var waiting: [(rank: Int, poll: pollfd)] = []
      var hasMoved = false
      for (other, peer) in peers.enumerated() {
        guard let peer else { continue }
        while let next = outgoing[other].popLast() {
          guard let sent = peer.send(next) else { throw Self.gone(other) }
          hasMoved = hasMoved || sent > 0
          if sent < next.count {
            outgoing[other].append(UnsafeRawBufferPointer(rebasing: next[sent...]))
            break
          }
        }
        while let next = incoming[other].popLast() {
          guard let received = peer.receive(next) else { throw Self.gone(other) }
          hasMoved = hasMoved || received > 0
          if received < next.count {
            incoming[other].append(UnsafeMutableRawBufferPointer(rebasing: next[received...]))
            if received == 0 { break }
          }
        }
        let events = (outgoing[other].isEmpty ? 0 : POLLOUT) | (incoming[other].isEmpty ? 0 : POLLIN)
        if events != 0 {
          waiting.append((other, pollfd(fd: peer.descriptor, events: Int16(events), revents: 0)))
        }
      }
      guard let first = waiting.first else { return }
      var polled = waiting.map(\.poll)
      _ = poll(&polled, nfds_t(polled.count), 100)
      if hasMoved { last = .now }
      if ContinuousClock.now - last > timeLimit { throw Wait.tooLong(for: first.rank, timeLimit) }
    }
  }

  private static func gone(_ rank: Int) -> CollectiveError {
    CollectiveError("rank \(rank) has ended, or the network to it is cut", lost: rank)
  }

  func abort() -> Never { _exit(1) }

  /// The others have all that they were sent; connections close with the process.
  func leave() {}
}
