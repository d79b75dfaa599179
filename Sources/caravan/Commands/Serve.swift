import Alignment
import ArgumentParser
import Foundation
import Inference
import Logging
import ModelFiles
import Recipes
import Reporting
import Serving
import Text

/// `caravan serve`: answers over HTTP, and on a page.
struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serves a model, or two for comparison, as a web page and an HTTP API.",
    discussion: """
      The page is at http://127.0.0.1:8080. Programs use /v1/chat/completions and /v1/completions, as in OpenAI's API.
      With two models the page shows both answers side by side without names, and adds each vote for the better one to \
      --votes, a file that 'caravan dpo --data' reads. Ties go to a second file, whose name ends in '.ties'. \
      With --ratings single answers can be rated good or bad, for 'caravan kto --data'.

      With --moderation nothing is shown before it was judged. Prompts are judged first. Streamed answers come a sentence at a \
      time, each once the answer up to its end has been judged. What is refused ends with a plain message and the \
      finish_reason content_filter. Where the judge fails, the answer is refused with status 503. /v1/moderations asks the \
      same judge. With --reward, /v1/score says what answers are worth; then, as with --moderation, no model need be named.

      Examples:
        caravan serve assistant-dpo --ratings ratings.jsonl
        caravan serve assistant-sft assistant-dpo --votes votes.jsonl
        caravan serve assistant-dpo --host 0.0.0.0 --api-key-file key.txt
        caravan serve assistant-dpo --moderation guard --moderation-threshold 0.3
        caravan serve --reward judge
      """)

  @Argument(help: ArgumentHelp("The folder of a model, or of two models to compare.", valueName: "model"))
  var models: [String] = []

  @Option(help: "The address to listen on. The default lets only this machine connect.")
  var host = "127.0.0.1"

  @Option(help: "The port; 0 takes a free one.")
  var port = 8080

  @Option(
    help: ArgumentHelp(
      "A file with the key that clients must send. By default the value of CARAVAN_API_KEY; if it is not set, no key is required.",
      valueName: "file"))
  var apiKeyFile: String?

  @Option(help: ArgumentHelp("The file for votes between two models; by default votes.jsonl.", valueName: "file"))
  var votes: String?

  @Option(
    help: ArgumentHelp(
      "Where ratings of single answers go, good or bad; without it the page offers none.", valueName: "file"))
  var ratings: String?

  @Option(help: ModelSettings.help("chat-template"))
  var chatTemplate: String?

  @Option(help: ModelSettings.help("adapter"))
  var adapter: String?

  @Option(help: "The most tokens of an answer.")
  var maxTokens = 2048

  @Option(
    help: ArgumentHelp(
      "A name besides --host by which clients reach the server, for example through a proxy. May be repeated.",
      valueName: "name"))
  var allowHost: [String] = []

  @Option(
    help: ArgumentHelp(
      "A web site that may use the server from its visitors' browsers, such as https://example.com; * for all. May be repeated.",
      valueName: "origin"))
  var allowOrigin: [String] = []

  @Option(help: "The most connections that are open at once; others wait.")
  var maxConnections = 512

  @Option(help: "The most connections from one address; more are refused with status 429.")
  var clientConnections = 256

  @Option(help: "The most answers that a model generates at once; others wait.")
  var batch = 16

  @Option(help: "The most answers that wait; a request for more is refused with status 429.")
  var queue = 64

  @Option(help: "The largest body of a request, in megabytes.")
  var maxBody = 4

  @Option(help: "The most seconds that an answer may take, including waiting.")
  var timeout = 600

  @Flag(help: "Write prompts and answers to the log; by default it has neither.")
  var logPrompts = false

  @OptionGroup(title: "Judges") var judging: JudgingOptions

  @OptionGroup(title: "Machine") var inference: InferenceOptions

  @OptionGroup(title: "Machine") var compute: ComputeOptions

  func validate() throws {
    guard (judging.isThere ? 0...2 : 1...2).contains(models.count) else {
      throw ValidationError("name one model, or two to compare; found \(models.count)")
    }
    guard adapter == nil || models.count == 1 else {
      throw ValidationError("--adapter is of one model; an adapter's folder may also be named as a model")
    }
    guard votes == nil || models.count == 2 else { throw ValidationError("--votes needs two models to be compared") }
    let ranges: [(String, Int, ClosedRange<Int>)] = [
      ("--port", port, 0...65535), ("--max-tokens", maxTokens, 1...1_000_000), ("--batch", batch, 1...1024),
      ("--max-connections", maxConnections, 1...65536), ("--client-connections", clientConnections, 1...65536),
      ("--queue", queue, 0...100_000), ("--max-body", maxBody, 1...1024), ("--timeout", timeout, 1...86_400),
    ]
    for name in allowHost where name.isEmpty || name.contains(where: { ":/ ".contains($0) }) {
      throw ValidationError("--allow-host takes a name without scheme and port, such as example.com, not '\(name)'")
    }
    for origin in allowOrigin where origin != "*" {
      let parts = origin.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 3, parts[0].hasSuffix(":"), parts[1].isEmpty, !parts[2].isEmpty else {
        throw ValidationError("--allow-origin takes scheme and host, such as https://example.com, not '\(origin)'")
      }
    }
    for (name, value, range) in ranges where !range.contains(value) {
      throw ValidationError("\(name) must be from \(range.lowerBound) to \(range.upperBound), not \(value)")
    }
  }

  func run() throws {
    let names = Self.names(models)
    var settings = ServerSettings()
    settings.host = host
    settings.port = port
    settings.apiKey = try apiKey()
    settings.maximumBodyBytes = maxBody << 20
    settings.maximumTokens = maxTokens
    settings.maximumAnswers = batch * max(1, models.count) + queue
    settings.answerTime = .seconds(timeout)
    settings.logsTexts = logPrompts
    settings.allowedHosts = allowHost
    settings.allowedOrigins = allowOrigin
    settings.maximumConnections = maxConnections
    settings.maximumConnectionsOfClient = clientConnections
    let folders = try models.map { try ModelFolder.named($0, adapter: adapter) }
    let formats = try models.map {
      try ChatFormat(model: $0, adapter: adapter, template: chatTemplate, beginning: .auto)
    }
    let book = models.count == 2 ? try VoteBook(path: votes ?? "votes.jsonl", models: names) : nil
    let ratingBook = try ratings.map { try RatingBook(path: $0) }
    let (moderator, reward) = (try judging.moderator(compute), try judging.servedReward(compute))
    var served: [ModelServer.NamedModel] = []
    for (index, name) in names.enumerated() {
      let (folder, format) = (folders[index], formats[index])
      let model = try ComputeThread.shared.perform { [inference, compute] in try inference.model(folder, compute) }
      var limits = ContinuousBatch.Limits.fitting(model)
      limits.sequences = batch
      // Two engines share the machine.
      limits.cachedTokens = max(1, limits.cachedTokens / models.count)
      let engine = GenerationEngine(model: model, tokenizer: format.tokenizer, limits: limits)
      let answering = ServedEngine(engine: engine, format: format, stopTokens: format.stopTokens(of: folder))
      served.append(.init(name: name, model: answering))
    }
    // Nobody waits for a reader of the log.
    let log = LogQueue(descriptor: STDERR_FILENO)
    let isOpen = settings.apiKey == nil
    let server = ModelServer(
      models: served, settings: settings, votes: book, ratings: ratingBook, moderator: moderator, reward: reward,
      log: Logger(label: "caravan") { _ in JSONLogHandler(write: log.write) }, says: \.onCommandLine)
    let what = names.isEmpty ? [moderator?.name, reward?.name].compactMap(\.self) : names
    let place = host.contains(":") ? "[\(host)]" : host
    defer { log.finish() }
    try wait {
      try await server.run { port in
        note("serving \(what.joined(separator: " and ")) at http://\(place):\(port) (Ctrl-C to finish)")
        if isOpen, !Self.isLoopback(host) { note("anyone who reaches this address can use it: there is no API key") }
      }
    }
  }

  private func apiKey() throws -> APIKey? {
    let text: String
    let source: String
    if let apiKeyFile {
      guard let bytes = FileManager.default.contents(atPath: apiKeyFile) else {
        throw ReportingError(apiKeyFile, "cannot be read; --api-key-file names a file with the key")
      }
      (text, source) = (String(decoding: bytes, as: UTF8.self), apiKeyFile)
    } else if let value = ProcessInfo.processInfo.environment["CARAVAN_API_KEY"] {
      (text, source) = (value, "CARAVAN_API_KEY")
    } else {
      return nil
    }
    guard let key = APIKey(text) else { throw ReportingError(source, "must hold one key without white space within") }
    return key
  }

  /// The folders' names, with as much of their paths as it takes to tell two apart.
  static func names(_ paths: [String]) -> [String] {
    let parts = paths.map { URL(filePath: $0).standardizedFileURL.pathComponents.filter { $0 != "/" } }
    let longest = parts.map(\.count).max() ?? 1
    for count in 1...max(1, longest) {
      let names = parts.map { $0.suffix(count).joined(separator: "/") }
      if Set(names).count == names.count { return names }
    }
    // The same folder twice.
    return paths.indices.map { "\(parts[$0].last ?? "model")-\($0 + 1)" }
  }

  private static func isLoopback(_ host: String) -> Bool {
    host == "localhost" || host == "::1" || host.hasPrefix("127.")
  }
}
