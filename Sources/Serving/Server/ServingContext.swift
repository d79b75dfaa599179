import Hummingbird
import NIOCore

/// What goes with a request: its connection, and notes for the log.
struct ServingContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel
  let record = RequestRecord()

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    channel = source.channel
  }
}
