import HTTPTypes
import Hummingbird

/// A file of the page. All of it is in the program, and nothing is fetched from elsewhere.
struct PageFile: Sendable {
  let path: String
  private let type: String
  private let bytes: ByteBuffer

  private init(_ path: String, _ type: String, _ bytes: [UInt8]) {
    self.path = path
    self.type = type
    self.bytes = ByteBuffer(bytes: bytes)
  }

  static let all = [
    PageFile("/", "text/html", PackageResources.index_html),
    PageFile("/page/style.css", "text/css", PackageResources.style_css),
    PageFile("/page/app.js", "text/javascript", PackageResources.app_js),
    PageFile("/page/chat.js", "text/javascript", PackageResources.chat_js),
    PageFile("/page/markdown.js", "text/javascript", PackageResources.markdown_js),
    PageFile("/page/server.js", "text/javascript", PackageResources.server_js),
    PageFile("/page/settings.js", "text/javascript", PackageResources.settings_js),
    PageFile("/page/comparison.js", "text/javascript", PackageResources.comparison_js),
    PageFile("/page/autolinks.js", "text/javascript", PackageResources.autolinks_js),
    PageFile("/page/blocks.js", "text/javascript", PackageResources.blocks_js),
    PageFile("/page/definitions.js", "text/javascript", PackageResources.definitions_js),
    PageFile("/page/emphasis.js", "text/javascript", PackageResources.emphasis_js),
    PageFile("/page/entities.js", "text/javascript", PackageResources.entities_js),
    PageFile("/page/highlight.js", "text/javascript", PackageResources.highlight_js),
    PageFile("/page/inlines.js", "text/javascript", PackageResources.inlines_js),
    PageFile("/page/line.js", "text/javascript", PackageResources.line_js),
    PageFile("/page/mathlines.js", "text/javascript", PackageResources.mathlines_js),
    PageFile("/page/starts.js", "text/javascript", PackageResources.starts_js),
    PageFile("/page/table.js", "text/javascript", PackageResources.table_js),
    PageFile("/page/targets.js", "text/javascript", PackageResources.targets_js),
    PageFile("/page/tex.js", "text/javascript", PackageResources.tex_js),
    PageFile("/page/texspans.js", "text/javascript", PackageResources.texspans_js),
    PageFile("/page/texsymbols.js", "text/javascript", PackageResources.texsymbols_js),
    PageFile("/page/conversations.js", "text/javascript", PackageResources.conversations_js),
    PageFile("/page/attempts.js", "text/javascript", PackageResources.attempts_js),
    PageFile("/page/calls.js", "text/javascript", PackageResources.calls_js),
    PageFile("/page/dom.js", "text/javascript", PackageResources.dom_js),
    PageFile("/page/messages.js", "text/javascript", PackageResources.messages_js),
    PageFile("/page/ratings.js", "text/javascript", PackageResources.ratings_js),
    PageFile("/page/results.js", "text/javascript", PackageResources.results_js),
    PageFile("/page/icon.svg", "image/svg+xml", PackageResources.icon_svg),
  ]

  /// The file, to be run by no other page and to run nothing but itself.
  var response: Response {
    Response(
      status: .ok,
      headers: [
        .contentType: "\(type); charset=utf-8", .cacheControl: "no-cache",
        .contentSecurityPolicy:
          "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
          + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        .referrerPolicy: "no-referrer", .crossOriginOpenerPolicy: "same-origin",
      ], body: ResponseBody(byteBuffer: bytes))
  }
}

extension HTTPField.Name {
  // These names are valid ones.
  static let referrerPolicy = Self("Referrer-Policy") ?? .cacheControl
  static let crossOriginOpenerPolicy = Self("Cross-Origin-Opener-Policy") ?? .cacheControl
}
