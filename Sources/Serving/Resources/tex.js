// Simple TeX as MathML. Whatever holds something unknown is not made into MathML at all.

import { functions, letters, operators, spaces } from "./texsymbols.js";

const maximumDepth = 30;

/** The MathML nodes of a TeX text; null where it is more than we know. */
export function readTex(source) {
  if (source.length > 4000) return null;
  try {
    const reader = new Reader(source);
    const children = reader.row();
    return reader.token === undefined ? children : null;
  } catch (error) {
    if (error instanceof Unknown) return null;
    throw error;
  }
}

class Unknown extends Error {}

function node(tag, children, attributes) { return { tag, attributes, children }; }
function group(children) { return children.length === 1 ? children[0] : node("mrow", children); }

class Reader {
  constructor(source) {
    this.tokens = source.match(/\\[a-zA-Z]+\*?|\\[^]|\d+(?:[.,]\d+)*|\s+|[^]/gu) ?? [];
    this.index = 0;
    this.depth = 0;
  }

  get token() {
    while (/^\s/.test(this.tokens[this.index] ?? "")) this.index += 1;
    return this.tokens[this.index];
  }

  take() {
    const token = this.token;
    if (token === undefined) throw new Unknown();
    this.index += 1;
    return token;
  }

  expect(token) { if (this.take() !== token) throw new Unknown(); }

  /** What stands up to a closing mark. */
  row(ends = ["}"]) {
    if (++this.depth > maximumDepth) throw new Unknown();
    const nodes = [];
    while (this.token !== undefined && !ends.includes(this.token)) nodes.push(this.scripted());
    this.depth -= 1;
    return nodes;
  }

  /** Something with what is written below and above it. */
  scripted() {
    let base = /^[_^]$/.test(this.token) ? node("mrow", []) : this.one();
    if (this.token === "\\limits") this.take();
    const isBig = base.isBig;
    let below; let above;
    for (;;) {
      if (this.token === "_" && !below) { this.take(); below = this.one(); }
      else if (this.token === "^" && !above) { this.take(); above = this.one(); }
      else if (/^['’]$/.test(this.token ?? "") && !above) {
        let primes = "";
        while (/^['’]$/.test(this.token ?? "")) { this.take(); primes += "′"; }
        above = node("mo", [primes]);
      } else break;
    }
    if (/^[_^]$/.test(this.token ?? "")) throw new Unknown();
    const [both, under, over] = isBig ? ["munderover", "munder", "mover"] : ["msubsup", "msub", "msup"];
    if (below && above) base = node(both, [base, below, above]);
    else if (below) base = node(under, [base, below]);
    else if (above) base = node(over, [base, above]);
    return base;
  }

  one() {
    const token = this.take();
    if (token === "{") { const inner = this.row(); this.expect("}"); return group(inner); }
    if (/^\d/.test(token)) return node("mn", [token]);
    if (/^\p{L}$/u.test(token)) return node("mi", [token]);
    if (/^[-+=<>()[\]|/*!,.:;?]$/.test(token)) return node("mo", [{ "-": "−", "*": "∗" }[token] ?? token], /^[()[\]|/]$/.test(token) ? { stretchy: "false" } : undefined);
    if (token[0] !== "\\") { if (/^[−×÷·≤≥≠≈±→∞∈∑∫√°∝∀∃]$/u.test(token)) return node("mo", [token]); throw new Unknown(); }
    return this.command(token.slice(1));
  }

  command(name) {
    const has = (table) => Object.hasOwn(table, name);
    if (has(letters)) return node("mi", [letters[name]]);
    if (has(operators)) {
      const [text, isBig] = [].concat(operators[name]);
      return Object.assign(node("mo", [text]), isBig ? { isBig } : {});
    }
    if (has(functions)) return Object.assign(node("mi", [functions[name] || name]), /^(?:lim|max|min|sup|inf|argmax|argmin)$/.test(name) ? { isBig: true } : {});
    if (has(spaces)) return node("mspace", [], { width: spaces[name] });
    switch (name) {
      case "frac": case "dfrac": case "tfrac": case "cfrac": { const above = this.one(); return node("mfrac", [above, this.one()]); }
      case "binom": { const above = this.one(); return node("mrow", [node("mo", ["("]), node("mfrac", [above, this.one()], { linethickness: "0" }), node("mo", [")"])]); }
      case "sqrt": {
        if (this.token !== "[") return node("msqrt", [this.one()]);
        this.take();
        const degree = group(this.row(["]"]));
        this.expect("]");
        return node("mroot", [this.one(), degree]);
      }
      case "text": case "textbf": case "textit": case "textrm": case "mbox": return node("mtext", [this.words()]);
      case "mathrm": case "operatorname": return node("mi", [this.words()], { mathvariant: "normal" });
      case "mathbf": case "boldsymbol": case "mathbb": case "mathcal": return node("mrow", [this.one()], { class: name === "boldsymbol" ? "mathbf" : name });
      case "boxed": return node("mrow", [this.one()], { class: "boxed" });
      case "overline": case "bar": return node("mover", [this.one(), node("mo", ["‾"])]);
      case "hat": case "widehat": return node("mover", [this.one(), node("mo", ["^"])]);
      case "tilde": return node("mover", [this.one(), node("mo", ["~"])]);
      case "vec": return node("mover", [this.one(), node("mo", ["→"])]);
      case "dot": return node("mover", [this.one(), node("mo", ["˙"])]);
      case "left": {
        const opening = this.fence();
        const inner = this.row(["\\right"]);
        this.expect("\\right");
        return node("mrow", [opening, ...inner, this.fence()]);
      }
      case "displaystyle": return node("mspace", [], { width: "0" });
      case "begin": return this.environment();
      default: throw new Unknown();
    }
  }

  fence() {
    const marks = { "\\{": "{", "\\}": "}", "\\|": "‖", "\\langle": "⟨", "\\rangle": "⟩", "\\lfloor": "⌊", "\\rfloor": "⌋", "\\lceil": "⌈", "\\rceil": "⌉", ".": "" };
    const token = this.take();
    if (!/^[()[\]|/.]$/.test(token) && !Object.hasOwn(marks, token)) throw new Unknown();
    return node("mo", [marks[token] ?? token], { stretchy: "true" });
  }

  /** A text in braces, its spaces kept. */
  words() {
    this.expect("{");
    let text = "";
    while (this.tokens[this.index] !== "}") {
      const token = this.tokens[this.index];
      if (token === undefined || token === "{" || token === "$" || /^\\[a-zA-Z]/.test(token)) throw new Unknown();
      text += token[0] === "\\" ? token.slice(1) : token;
      this.index += 1;
    }
    this.index += 1;
    return text.replace(/\s/g, "\u00A0");
  }

  environment() {
    const name = this.words();
    const fences = { matrix: ["", ""], pmatrix: ["(", ")"], bmatrix: ["[", "]"], vmatrix: ["|", "|"], cases: ["{", ""], aligned: ["", ""], align: ["", ""], "align*": ["", ""], gathered: ["", ""], equation: ["", ""], "equation*": ["", ""] }[name];
    if (!fences) throw new Unknown();
    const rows = [[]];
    for (;;) {
      rows.at(-1).push(node("mtd", this.row(["&", "\\\\", "\\end"])));
      const token = this.take();
      if (token === "\\\\") { if (this.token === "[") throw new Unknown(); rows.push([]); }
      else if (token === "\\end") break;
    }
    if (this.words() !== name) throw new Unknown();
    const table = node("mtable", rows.map((row) => node("mtr", row)), { class: /align/.test(name) ? "aligned" : name });
    return node("mrow", [...(fences[0] ? [node("mo", [fences[0]])] : []), table, ...(fences[1] ? [node("mo", [fences[1]])] : [])]);
  }
}
