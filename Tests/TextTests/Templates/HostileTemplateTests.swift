import JSON
import Testing
import Text

/// Templates come with downloaded models: whatever they do ends soon, in text or in an error of one line.
@Suite struct HostileTemplateTests {
  /// Templates that would go on without end or fill the memory.
  @Test(arguments: [
    "{% for a in range(99999) %}{% for b in range(99999) %}{{ a }}{% endfor %}{% endfor %}",
    "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "{% for a in range(99999) if range(99999)|list|length == 0 %}{% endfor %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
    "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
    "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(28) }}",
    "{% macro m() %}{% call m() %}{{ caller() }}{% endcall %}{{ caller is defined }}{% endmacro %}{{ m() }}",
    "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    "{{ 'a' * 9999999999 }}", "{{ 9223372036854775807 * 'ab' }}", "{{ [0] * 9999999999 }}", "{{ (1,) * 9999999999 }}",
    "{{ [[0] * 999999] * 999999 }}", "{{ 'a' * 30000000 * 2 }}", "{{ ('a' * 30000000) ~ ('b' * 30000000) }}",
    "{% set ns = namespace(s='ab') %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
    "{% set ns = namespace(s='ab') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
    "{% set ns = namespace(l=[1]) %}{% for i in range(99) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}",
    "{% set ns = namespace(l={}) %}{% for i in range(99) %}{% set ns.l = {1: ns.l, 2: ns.l} %}{% endfor %}",
    "{% set ns = namespace(l=[]) %}{% for i in range(99999) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}",
    "{% set ns = namespace(l=[]) %}{% for i in range(99999) %}{% set ns.l = {'a': ns.l} %}{% endfor %}",
    "{% set ns = namespace(l=[]) %}{% for i in range(99999) %}{% set ns.l = ns.l|map('abs') %}{% endfor %}{{ ns.l|list }}",
    "{% set ns = namespace(l=[]) %}{% for i in range(99999) %}{% set ns.l = [ns.l].index %}{% endfor %}",
    "{% set ns = namespace(l=[]) %}{% for i in range(9999) %}{% for x in [ns.l] %}{% set ns.l = loop %}{% endfor %}{% endfor %}",
    "{% set big = 'x' * 1000000 %}{% set l = [big] * 60 %}{{ l|join|length }}{{ l|join(big)|length }}",
    "{{ ('a' * 1000000).replace('a', 'b' * 1000000) }}", "{{ ('a' * 1000000).replace('', 'b' * 1000000) }}",
    "{{ ('a' * 1000000)|replace('a', 'b' * 1000000) }}", "{{ ('a\\n' * 1000000)|indent(1000000) }}",
    "{{ ''|indent(9223372036854775807) }}", "{{ 'a'.center(9223372036854775807) }}", "{{ 'a'.ljust(99999999999) }}",
    "{{ '%9223372036854775807d' % 1 }}", "{{ '%.9999999999f' % 1.5 }}", "{{ '%*d' % (9223372036854775807, 1) }}",
    "{{ '%99999999999999999999d' % 1 }}", "{{ '{:9999999999}'.format(1) }}", "{{ '{:.99999999}'.format(1.5) }}",
    "{{ [1]|tojson(indent=9999999999) }}", "{{ [[[[1]]]]|tojson(indent='x' * 30000000) }}",
    "{{ [1]|batch(9999999999, 0)|list }}", "{{ [1]|slice(9999999999)|list }}", "{{ 1|round(9999999999) }}",
    "{{ range(9223372036854775807) }}",
    "{{ range(-9223372036854775807, 9223372036854775807, 9223372036854775807) }}x{{ 1 // 0 }}",
    "{{ 2 ** 999999999999 }}", "{{ 10.0 ** 999 }}", "{{ 9223372036854775807 + 1 }}", "{{ -9223372036854775807 - 2 }}",
    "{{ (-9223372036854775807 - 1) // -1 }}", "{{ -(-9223372036854775807 - 1) }}",
    "{{ (-9223372036854775807 - 1)|abs }}",
    "{{ 1e308|int }}", "{{ 99999999999999999999 }}", "{{ 'x' * 30000000 }}{{ 'x' * 30000000 }}",
    "{{ ('ab' * 15000000)|list }}", "{{ ('a ' * 15000000).split() }}",
    "{{ ('é' * 300000)|sort|unique|map('upper')|join|nope }}",
    "{% set s = 'a' * 50000 %}{% for i in range(99999) %}{{ s.count('b') }}{% endfor %}",
    "{% set s = 'a' * 50000 %}{% for i in range(99999) %}{{ s|length }}{{ s == s ~ '' }}{{ 'b' in s }}{% endfor %}",
    "{% set l = range(99999)|list %}{% for i in l %}{{ l|sum }}{{ -1 in l }}{% endfor %}",
  ])
  func endsInAnError(source: String) {
    guard case .failure(let error) = TemplateFixtures.render(source, work: 1 << 23) else {
      Issue.record("this should have failed")
      return
    }
    #expect(!error.description.contains { $0.isNewline })
    #expect(error.line == 1)
  }

  @Test func allowedWorkIsUsedUpSoon() {
    let source = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    let duration = ContinuousClock().measure {
      guard case .failure(let error) = TemplateFixtures.render(source) else {
        Issue.record("this should have failed")
        return
      }
      #expect(error.reason == "the template does more work than is allowed")
    }
    #expect(duration < .seconds(120))
  }

  @Test func longConversationsAreNoTooMuchWork() throws {
    let turn = String(repeating: "word ", count: 2000)
    let messages = (0..<200).map { Message(role: $0 % 2 == 0 ? "user" : "assistant", content: turn) }
    for name in ChatTemplate.names {
      let text = try ChatTemplate.named(name)?.render(
        messages, addingGenerationPrompt: false, specialTokens: ["bos_token": "<s>", "eos_token": "</s>"])
      #expect((text?.utf8.count ?? 0) > 1_990_000)
    }
  }

  /// Things at the edge of integers and texts that have a value.
  @Test(arguments: [
    ("{{ 'abc'[-9223372036854775807 - 1:9223372036854775807:-9223372036854775807 - 1] }}", ""),
    ("{{ 'abc'[9223372036854775807::-9223372036854775807 - 1] }}", "c"),
    ("{{ [1, 2][9223372036854775807] is defined }}{{ 'ab'[-9223372036854775807 - 1] is defined }}", "FalseFalse"),
    ("{{ (-9223372036854775807 - 1) % -1 }}", "0"),
    ("{{ 'abc'.find('c', -9223372036854775807 - 1, 9223372036854775807) }}", "2"),
    ("{{ range(9223372036854775806, 9223372036854775807)|list }}", "[9223372036854775806]"),
    ("{{ 1 in range(-9223372036854775807, -9, 9223372036854775807) }}", "False"),
    ("{% set ns = namespace() %}{% set ns.me = ns %}{{ ns.me.me.me is defined }}", "True"),
    ("{% set ns = namespace(n=0) %}{% for i in range(20000) %}{% set ns.n = namespace(n=ns.n) %}{% endfor %}ok", "ok"),
    (
      "{% set ns = namespace() %}{% for i in range(9999) %}{% set g = ns.f %}{% macro f() %}{{ g }}{% endmacro %}"
        + "{% set ns.f = f %}{% endfor %}ok", "ok"
    ),
    ("{% set unused = [1]|map('upper') %}ok", "ok"),
  ])
  func staysWithinBounds(source: String, expected: String) throws {
    #expect(try TemplateFixtures.render(source).get() == expected)
  }

  @Test(arguments: ["(", "[", "{1: ", "-", "not ", "a(", "a[", "1 if ", "a|default(", "'a' ~ ("])
  func deepNestingIsAnError(opening: String) {
    for count in [100, 20_000] {
      let source = "{{ " + String(repeating: opening, count: count)
      guard case .failure = TemplateFixtures.render(source) else {
        Issue.record("\(opening) should have failed")
        return
      }
    }
  }

  @Test(arguments: [" + 1", "|abs", ".a", "[0]", "()", " ~ 1", " and 1", " if 1", " is odd", " ** 1", " < 1", " 'a'"])
  func longChainsEndWell(link: String) {
    let source = "{{ 1" + String(repeating: link, count: 20_000) + " }}"
    if case .failure(let error) = TemplateFixtures.render(source) {
      #expect(error.description.utf8.count < 300)
    }
  }

  @Test(arguments: [
    "{% if 1 %}", "{% for x in [1] %}", "{% macro m() %}", "{% filter upper %}", "{% set x %}", "{% raw %}",
  ])
  func deepBlocksAreAnError(block: String) {
    for count in [1, 100, 10_000] {
      guard case .failure = TemplateFixtures.render(String(repeating: block, count: count)) else {
        Issue.record("\(block) should have failed")
        return
      }
    }
  }

  @Test func valuesNestedDeeplyAreFine() throws {
    let deep = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
    let values = try JSON(parsing: deep)
    #expect(try TemplateFixtures.render("{{ x }}", ["x": values]).get() == deep)
    #expect(try TemplateFixtures.render("{{ x|tojson }}{{ x == x }}", ["x": values]).get() == deep + "True")
  }

  @Test func hugeSourcesAreRefused() {
    guard case .failure(let error) = TemplateFixtures.render(String(repeating: "a", count: 2_000_000)) else {
      Issue.record("this should have failed")
      return
    }
    #expect(error.description == "chat template snippet: the template is larger than 1048576 bytes")
  }

  @Test func mutilatedTemplatesNeverTrap() throws {
    let source = Array(ChatTemplate.tulu.source.unicodeScalars)
    for cut in stride(from: 0, to: source.count, by: 3) {
      var view = String.UnicodeScalarView()
      view.append(contentsOf: source[..<cut])
      _ = TemplateFixtures.render(String(view))
      view.append(contentsOf: source[min(cut + 5, source.count)...])
      _ = TemplateFixtures.render(String(view))
    }
  }

  @Test func errorsSayWhereAndWhy() {
    let cases = [
      ("a\n{% if x %}\n{{ y.z }}", "line 3: expected 'elif' or 'else' or 'endif'"),
      ("a\n\n{{ y.z }}", "chat template snippet, line 3: 'y' is undefined"),
      (
        "{% for x in [1] %}\n{{ x.a.b }}{% endfor %}",
        "chat template snippet, line 2: 'int object' has no attribute 'a'"
      ),
      ("{{ 1|nope }}", "chat template snippet, line 1: there is no filter 'nope'"),
      ("\n{{ 1 +* 2 }}", "chat template snippet, line 2: unexpected '*'"),
      ("\n\n{{ raise_exception('no\nway') }}", "chat template snippet, line 3: no way"),
      ("{% include 'x' %}", "chat template snippet, line 1: unknown statement 'include'"),
    ]
    for (source, message) in cases {
      guard case .failure(let error) = TemplateFixtures.render(source) else {
        Issue.record("\(source) should have failed")
        continue
      }
      #expect(error.description.contains(message), "\(error)")
    }
  }
}
