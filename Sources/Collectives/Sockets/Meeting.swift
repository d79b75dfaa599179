import Foundation
import Wording

/// How ranks find one another by TCP: one says who it is, is welcomed, and says that it is still there; then they are connected.
struct Meeting {
  let until: ContinuousClock.Instant
  /// What a rank of that number says first.
  let hello: (Int) -> String
  let count: Int
  /// Longer lines are of no rank.
  private static let longestLine = 1 << 20
  /// How many milliseconds another program has to say that it is no rank.
  private static let patience: Int32 = 2000

  /// The first rank's part: waits for all others, and tells each where they listen.
  func host(at ports: [Int]) throws -> [Socket?] {
    guard let listener = ports.lazy.compactMap(Socket.listening).first else {
      throw CollectiveError(
        "none of the ports \(ports[0]) to \(ports[ports.count - 1]) above MASTER_PORT is free; name another MASTER_PORT"
      )
    }
    var peers = [Socket?](repeating: nil, count: count)
    var places = [String](repeating: "-", count: count)
    while let missing = (1..<count).first(where: { peers[$0] == nil }) {
      guard let (socket, number, port) = try next(at: listener, missing), peers[number] == nil else { continue }
      (peers[number], places[number]) = (socket, "\(socket.peer) \(port)")
    }
    let table = places.joined(separator: ",")
    for peer in peers { if let peer { write(table, to: peer) } }
    return peers
  }

  /// The others' part: goes to the first rank, then to those before it, and waits for those behind it.
  func join(rank: Int, host: String, ports: [Int]) throws -> [Socket?] {
    // The first rank may want the ports above MASTER_PORT.
    guard
      let listener = (0...ports.count).lazy.compactMap({ _ in Socket.listening(at: 0) }).first(where: {
        !ports.contains($0.port)
      })
    else { throw CollectiveError("no port is free on this host") }
    var peers = [Socket?](repeating: nil, count: count)
    let places: [String]
    (peers[0], places) = try table(rank: rank, host: host, ports: ports, listening: listener.port)
    for other in 1..<rank {
      let place = places[other].split(separator: " ").map(String.init)
      guard place.count == 2, let port = Int(place[1]), let socket = Socket.connected(to: place[0], port: port),
        isWelcome(rank, at: socket, listening: 0)
      else { throw CollectiveError("rank \(other) cannot be reached at \(places[other]); do hosts reach one another?") }
      peers[other] = socket
    }
    while let missing = (rank + 1..<count).first(where: { peers[$0] == nil }) {
      guard let (socket, number, _) = try next(at: listener, missing), number > rank else { continue }
      peers[number] = socket
    }
    return peers
  }

  /// Asks at the ports in turn until the first rank answers; other programs may have some of them.
  private func table(rank: Int, host: String, ports: [Int], listening port: Int) throws -> (Socket, [String]) {
    while ContinuousClock.now < until {
      for meeting in ports where ContinuousClock.now < until {
        guard let socket = Socket.connected(to: host, port: meeting),
          isWelcome(rank, at: socket, listening: port, within: 3 * Self.patience)
        else { continue }
        // The first rank says where the others are once all have come.
        guard let places = line(of: socket)?.split(separator: ",").map(String.init), places.count == count else {
          continue
        }
        return (socket, places)
      }
      usleep(100_000)
    }
    throw CollectiveError(
      "no first rank answers at \(host), ports \(ports[0]) to \(ports[ports.count - 1]); is MASTER_ADDR right, and may hosts "
        + "reach those ports?")
  }

  /// The next rank that comes: its number, and where it listens.
  private func next(at listener: Socket, _ missing: Int) throws -> (Socket, Int, Int)? {
    guard ContinuousClock.now < until else {
      throw CollectiveError("rank \(missing) has not come; was it started, and does its host reach this one?")
    }
    guard let socket = listener.accepted(within: 500), let text = line(of: socket, within: Self.patience),
      let port = text.split(separator: " ").last.flatMap({ Int($0) }),
      let number = (1..<count).first(where: { text == hello($0) + " \(port)" })
    else { return nil }
    // One that has waited for too long has gone, and comes again.
    write("welcome", to: socket)
    return line(of: socket, within: Self.patience) == "here" ? (socket, number, port) : nil
  }

  /// Whether a rank listens at the other side, and has let this one in. Other programs answer something else, or nothing.
  private func isWelcome(_ rank: Int, at socket: Socket, listening port: Int, within limit: Int32? = nil) -> Bool {
    write(hello(rank) + " \(port)", to: socket)
    guard line(of: socket, within: limit) == "welcome" else { return false }
    write("here", to: socket)
    return true
  }

  private func write(_ line: String, to socket: Socket) {
    var rest = Array((line + "\n").utf8)[...]
    while !rest.isEmpty, let sent = rest.withUnsafeBytes(socket.send) { rest = rest.dropFirst(sent) }
  }

  /// A line, byte by byte: what follows it is not of the meeting.
  private func line(of socket: Socket, within limit: Int32? = nil) -> String? {
    var bytes: [UInt8] = []
    while bytes.count < Self.longestLine {
      let left = (until - .now).components.seconds * 1000
      var waiting = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
      guard left > 0, poll(&waiting, 1, limit ?? Int32(min(left, 600_000))) == 1 else { return nil }
      var byte: UInt8 = 0
      guard withUnsafeMutableBytes(of: &byte, socket.receive) == 1 else { return nil }
      if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(byte)
    }
    return nil
  }
}
