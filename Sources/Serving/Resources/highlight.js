// Code with its words coloured: comments, texts, numbers, keywords and calls, in the languages that answers are full of.

const families = [
  { names: "js javascript jsx ts typescript tsx mjs", line: "//", block: true, ticks: true, words: "as async await break case catch class const continue default delete do else enum export extends false finally for from function if implements import in instanceof interface let new null of private public readonly return static super switch this throw true try type typeof undefined var void while yield" },
  { names: "c cpp c++ h hpp cc objc cuda", line: "//", block: true, words: "auto bool break case char class const constexpr continue default delete do double else enum explicit extern false float for friend if include inline int long namespace new nullptr operator private protected public return short signed sizeof static struct switch template this throw true try typedef typename union unsigned using virtual void volatile while define" },
  { names: "java kotlin kt scala cs csharp c# dart groovy", line: "//", block: true, words: "abstract async await boolean break byte case catch char class const continue data default do double else enum extends false final finally float for fun if implements import in instanceof int interface is long namespace new null object override package private protected public return sealed static string super switch this throw throws true try using val var void when while" },
  { names: "swift", line: "//", block: true, words: "actor any as associatedtype async await break case catch class continue default defer deinit do else enum extension false fileprivate for func guard if import in indirect init inout is let nil nonisolated open operator override private protocol public repeat return self Self some static struct subscript super switch throw throws true try typealias var where while" },
  { names: "go golang rust rs zig", line: "//", block: true, ticks: true, words: "as async await break case chan const continue crate default defer else enum extern false fallthrough fn for func go goto if impl import in interface let loop map match mod move mut nil package pub range ref return select self Self static struct super switch trait true type unsafe use var where while" },
  { names: "python py python3 ipython", line: "#", triple: true, words: "and as assert async await break class continue def del elif else except False finally for from global if import in is lambda match None nonlocal not or pass raise return True try while with yield self" },
  { names: "bash sh shell zsh console makefile dockerfile", line: "#", words: "case do done elif else esac export fi for function if in local return set source then until while echo cd sudo" },
  { names: "ruby rb perl pl r elixir julia yaml yml toml ini", line: "#", words: "begin class def do else elsif end ensure false for function if in module my next nil NULL null require rescue return self sub then true TRUE FALSE unless until use when while yield" },
  { names: "php", line: "//", block: true, words: "abstract array as break case catch class const continue default echo else elseif extends false final for foreach function if implements include namespace new null private protected public require return static switch this throw true try use var while" },
  { names: "sql postgres mysql sqlite", line: "--", block: true, ignoresCase: true, words: "add all alter and as asc avg between by case count create cross default delete desc distinct drop else end exists foreign from full group having if in index inner insert int integer into is join key left like limit max min not null offset on or order outer over partition primary references right select set sum table then union unique update values varchar view when where with" },
  { names: "lua haskell hs", line: "--", words: "and break case class data deriving do else elseif end false for function if import in instance let local module nil not of or repeat return then true type until where while" },
  { names: "css scss less", block: true, words: "important media keyframes import from to auto none inherit" },
  { names: "json json5 jsonc", line: "//", words: "true false null" },
];
const byName = new Map(families.flatMap((family) => family.names.split(" ").map((name) => [name, family])));

/** The nodes of a piece of code. Of a language that is not known, and of very long code, its text. */
export function highlight(code, language) {
  const family = byName.get(language.toLowerCase());
  if (!family || code.length > 100_000) return [code];
  family.expression ??= expression(family);
  family.keywords ??= new Set(family.words.split(" "));
  const nodes = [];
  let end = 0;
  for (const match of code.matchAll(family.expression)) {
    const kind = kindOf(match, family);
    if (!kind) continue;
    if (match.index > end) nodes.push(code.slice(end, match.index));
    nodes.push({ tag: "span", attributes: { class: kind }, children: [match[0]] });
    end = match.index + match[0].length;
  }
  if (end < code.length || !nodes.length) nodes.push(code.slice(end));
  return nodes;
}

function kindOf({ groups }, family) {
  if (groups.comment) return "hl-comment";
  if (groups.string) return "hl-string";
  if (groups.number) return "hl-number";
  const word = family.ignoresCase ? groups.word.toLowerCase() : groups.word;
  return family.keywords.has(word) ? "hl-keyword" : groups.call !== undefined ? "hl-call" : null;
}

function expression({ line, block, triple, ticks }) {
  // What is not closed reaches to the end, so nothing is searched twice.
  const comments = [
    ...(line ? [line === "#" ? "(?<![\\w$\\{])#[^\\n]*" : `${line}[^\\n]*`] : []), ...(block ? ["\\/\\*[^]*?(?:\\*\\/|$(?![^]))"] : []),
  ];
  const strings = [
    ...(triple ? ["\"\"\"[^]*?(?:\"\"\"|$(?![^]))", "'''[^]*?(?:'''|$(?![^]))"] : []), ...(ticks ? ["`(?:[^`\\\\]|\\\\[^])*`?"] : []),
    "\"(?:[^\"\\\\\\n]|\\\\.)*\"?", "(?<!\\w)'(?:[^'\\\\\\n]|\\\\.)*'",
  ];
  return new RegExp(
    `(?<comment>${comments.join("|")})|(?<string>${strings.join("|")})|(?<number>(?<![\\w.])\\d[\\w.]*)|(?<word>[A-Za-z_]\\w*)(?<call>(?=\\())?`, "g");
}
