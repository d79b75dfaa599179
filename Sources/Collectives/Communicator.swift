import Foundation

/// The processes that train one model together, each of which is a rank.
///
/// What carries between them only has to bring bytes from one to another. Everything that is done together follows from that,
/// so that the bits of a sum depend on the number of ranks and on nothing that a library decides. What carries between GPUs has
/// ways of its own for the numbers of tensors.
public protocol Communicator: AnyObject, Sendable {
  /// This process's number, from 0.
  var rank: Int { get }
  /// How many there are.
  var count: Int { get }
  /// What carries between them, as people call it; nil for one process.
  var carrier: String? { get }

  /// Sends and receives, all at once; between two ranks in the order of the lists. Returns when all of it is done.
  /// - Throws: `CollectiveError` where another rank has gone, or lets this one wait for longer than the time limit.
  func exchange(sending: [Outgoing], receiving: [Incoming]) throws

  /// Sums the ranks' numbers in float32, where each of them owns a range: in its range each then has the sum, and elsewhere what it
  /// had (reduce-scatter).
  /// - Parameters:
  ///   - numbers: as many on every rank, where the rank computes.
  ///   - ranges: what each rank owns.
  func sum(_ numbers: UnsafeMutableBufferPointer<Float>, owning ranges: [Range<Int>]) throws

  /// Gives every rank what the others own: afterwards all have the same bytes (all-gather).
  /// - Parameters:
  ///   - bytes: as many on every rank, where the rank computes.
  ///   - pieces: the ranges that each rank owns.
  func gather(_ bytes: UnsafeMutableRawBufferPointer, owned pieces: [[Range<Int>]]) throws

  /// Sends bytes of a tensor to one rank, which receives as many.
  func send(_ bytes: UnsafeRawBufferPointer, to rank: Int) throws

  /// Receives bytes of a tensor that one rank sends.
  func receive(into bytes: UnsafeMutableRawBufferPointer, from rank: Int) throws

  /// Ends all ranks at once, this one with a non-zero status. What is to be said must have been said.
  func abort() -> Never

  /// Takes leave of the others, once all that is done together is done. To be called before a process ends well.
  func leave()
}

/// Bytes on their way to a rank. They stay as they are until the exchange returns.
public struct Outgoing {
  /// The rank.
  public let rank: Int
  /// The bytes.
  public let bytes: UnsafeRawBufferPointer

  /// Bytes for a rank.
  public init(to rank: Int, _ bytes: UnsafeRawBufferPointer) { (self.rank, self.bytes) = (rank, bytes) }
}

/// Room for bytes that a rank sends, exactly as many.
public struct Incoming {
  /// The rank.
  public let rank: Int
  /// The room.
  public let bytes: UnsafeMutableRawBufferPointer

  /// Room for what a rank sends.
  public init(from rank: Int, _ bytes: UnsafeMutableRawBufferPointer) { (self.rank, self.bytes) = (rank, bytes) }
}

/// A process on its own: it waits for nobody.
public final class OneProcess: Communicator {
  /// The process.
  public init() {}

  /// 0.
  public var rank: Int { 0 }
  /// 1.
  public var count: Int { 1 }
  /// Nothing.
  public var carrier: String? { nil }

  /// Has nobody to exchange with.
  public func exchange(sending: [Outgoing], receiving: [Incoming]) {}
  /// Ends the process.
  public func abort() -> Never { exit(1) }
  /// Does nothing.
  public func leave() {}
}
