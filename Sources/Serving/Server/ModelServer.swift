import Foundation
import Hummingbird
import JSON
import Logging
import NIOCore
import Wording

/// The HTTP server: OpenAI's endpoints over one model or two, a page to talk to them, and votes on and ratings of their answers.
public struct ModelServer: Sendable {
  /// A model and the name that clients call it by.
  public struct NamedModel: Sendable {
    let name: String
    let model: any ServedModel

    /// A model by its name.
    public init(name: String, model: any ServedModel) {
      self.name = name
      self.model = model
    }
  }

  let models: [NamedModel]
  let settings: ServerSettings
  let votes: VoteBook?
  let ratings: RatingBook?
  let moderator: (any Moderator)?
  let reward: (any ServedReward)?
  let log: Logger
  /// How a sentence names settings.
  let says: @Sendable (Wording) -> String
  let admission: Admission
  let bodies: HeldBytes
  let metrics = ServerMetrics()

  /// A server.
  /// - Parameters:
  ///   - models: their names distinct; the page compares the first two. None where answers are only judged.
  ///   - votes: where votes go; nil takes none.
  ///   - ratings: where ratings of single answers go; nil takes none.
  ///   - moderator: what judges prompts and answers before anything is shown; nil shows everything.
  ///   - reward: what scores answers; nil scores none.
  ///   - log: one entry a request.
  ///   - says: how what clients are told names the settings that whoever runs the server may change.
  public init(
    models: [NamedModel], settings: ServerSettings, votes: VoteBook?, ratings: RatingBook? = nil,
    moderator: (any Moderator)? = nil, reward: (any ServedReward)? = nil, log: Logger,
    says: @escaping @Sendable (Wording) -> String = \.description
  ) {
    self.models = models
    self.settings = settings
    self.votes = votes
    self.ratings = ratings
    self.moderator = moderator
    self.reward = reward
    self.log = log
    self.says = says
    admission = Admission(capacity: settings.maximumAnswers)
    bodies = HeldBytes(capacity: max(settings.maximumHeldBytes, settings.maximumBodyBytes))
  }

  /// Serves until SIGTERM or SIGINT, or until the task's service group shuts down, and then until what runs is finished.
  /// - Parameter onReady: called with the port once clients can connect.
  /// - Throws: where the address cannot be listened on.
  public func run(handlingSignals: Bool = true, onReady: @escaping @Sendable (Int) async -> Void) async throws {
    let connections = ConnectionCount(maximum: settings.maximumConnectionsOfClient)
    var quiet = log
    quiet.logLevel = .warning
    let application = Application(
      router: router(),
      server: .http1(
        configuration: .init(
          additionalChannelHandlers: [
            ConnectionGuard(
              time: settings.clientTime, maximumBodyBytes: settings.maximumBodyBytes, connections: connections)
          ],
          // Later than the guard, which answers a slow request; this only closes. With the same time, the one whose clock was
          // set first, when the connection came, would win where both are read a moment late.
          idleTimeout: TimeAmount(settings.clientTime + .seconds(1)),
          httpDecoderConfiguration: .init(
            maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))),
      configuration: .init(
        address: .hostname(settings.host, port: settings.port),
        availableConnectionsDelegate: .maximum(settings.maximumConnections, logger: quiet)),
      onServerRunning: { await onReady($0.localAddress?.port ?? settings.port) },
      logger: quiet)
    try await application.runService(gracefulShutdownSignals: handlingSignals ? [.sigterm, .sigint] : [])
  }

  private func router() -> Router<ServingContext> {
    let router = Router(context: ServingContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: OriginRules(allowed: settings.allowedOrigins))
    router.add(middleware: AccessLog(metrics: metrics, log: log))
    router.add(
      middleware: AccessRules(
        apiKey: settings.apiKey, hosts: [settings.host] + settings.allowedHosts, origins: settings.allowedOrigins,
        says: says))
    router.get("/health") { _, _ in Response.json(["status": "ok"]) }
    router.get("/metrics") { _, _ in
      Response(
        status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
        body: .init(byteBuffer: .init(string: metrics.text(answers: admission.count, capacity: admission.capacity))))
    }
    router.get("/v1/models") { _, _ in Response.json(["object": "list", "data": .array(models.map(describe))]) }
    router.get("/v1/models/**") { _, context in
      // Names may hold slashes, and characters that the path escapes.
      let name = context.parameters.getCatchAll().joined(separator: "/").removingPercentEncoding
      return Response.json(describe(try self.model(named: name)))
    }
    router.post("/v1/chat/completions") { try await chat($0, $1) }
    router.post("/v1/responses") { try await respond($0, $1) }
    router.post("/v1/completions") { try await complete($0, $1) }
    router.post("/v1/moderations") { try await moderate($0, $1) }
    router.post("/v1/score") { try await score($0, $1) }
    router.post("/votes") { try await vote($0, $1) }
    router.get("/votes") { _, _ in Response.json(await (try voteBook()).score.json) }
    router.post("/ratings") { try await rate($0, $1) }
    router.get("/ratings") { _, _ in await ratingCounts() }
    for page in PageFile.all { router.get(RouterPath(page.path)) { _, _ in page.response } }
    return router
  }

  private func describe(_ served: NamedModel) -> JSON {
    [
      "id": .string(served.name), "object": "model", "created": 0, "owned_by": "caravan",
      "context_length": .integer(served.model.contextLength), "max_tokens": .integer(settings.maximumTokens),
    ]
  }

  /// The model that a request means; without a name, the only one.
  func model(named name: String?) throws(APIError) -> NamedModel {
    guard !models.isEmpty else {
      throw APIError(
        status: .notFound, message: "this server has no model that answers", field: "model", code: "model_not_found")
    }
    let names = models.map { "'\($0.name)'" }.joined(separator: ", ")
    guard let name else {
      guard models.count == 1 else {
        throw .invalid("'model' is missing; there are \(names)", field: "model", code: "missing_required_parameter")
      }
      return models[0]
    }
    guard let served = models.first(where: { $0.name == name }) else {
      throw APIError(
        status: .notFound, message: "there is no model '\(name.cut(to: 100))'; there is \(names)", field: "model",
        code: "model_not_found")
    }
    return served
  }
}
