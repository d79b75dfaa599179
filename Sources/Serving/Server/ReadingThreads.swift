import NIOPosix

/// Where bodies are read, templates rendered and texts tokenized: threads apart from those that answer, so that a request that
/// takes long to read holds up neither a health check nor the end of the server.
final class ReadingThreads: TaskExecutor {
  static let shared = ReadingThreads()

  private init() {}

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    NIOThreadPool.singleton.submit { _ in job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
