/// Where a server listens and what it puts up with.
public struct ServerSettings: Sendable {
  /// The address to listen on; by default only this machine can connect.
  public var host = "127.0.0.1"
  /// The port; 0 takes a free one.
  public var port = 8080
  /// The key that clients must send as `Authorization: Bearer …`; nil asks for none.
  public var apiKey: APIKey?
  /// The most bytes of a request's body.
  public var maximumBodyBytes = 4 << 20
  /// The most tokens of an answer, and what a request gets that asks for no number.
  public var maximumTokens = 2048
  /// The most answers under way or waiting, over all models; a request for more is refused.
  public var maximumAnswers = 64
  /// The most connections that are open at once; others wait.
  public var maximumConnections = 512
  /// The most connections of one address; more are closed.
  public var maximumConnectionsOfClient = 256
  /// The most bytes of all bodies that are held at once; a request for more is refused. What is read from a body may take
  /// ten times its bytes.
  public var maximumHeldBytes = 64 << 20
  /// Names besides `host` by which clients reach the server, as through a proxy or a name of the network.
  public var allowedHosts: [String] = []
  /// Web sites that may use the server from their visitors' browsers, such as `https://example.com`; `*` for all.
  public var allowedOrigins: [String] = []
  /// How long an answer may take, waiting included.
  public var answerTime = Duration.seconds(600)
  /// How long a client may take to send a request, to take what was sent to it, or to think between two requests.
  public var clientTime = Duration.seconds(30)
  /// Whether the log shows prompts and answers.
  public var logsTexts = false

  /// The defaults.
  public init() {}
}
