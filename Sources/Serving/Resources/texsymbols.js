// What TeX's names stand for.

export const letters = {
  alpha: "α", beta: "β", gamma: "γ", delta: "δ", epsilon: "ϵ", varepsilon: "ε", zeta: "ζ", eta: "η", theta: "θ", vartheta: "ϑ",
  iota: "ι", kappa: "κ", lambda: "λ", mu: "μ", nu: "ν", xi: "ξ", pi: "π", rho: "ρ", sigma: "σ", tau: "τ", upsilon: "υ",
  phi: "ϕ", varphi: "φ", chi: "χ", psi: "ψ", omega: "ω", Gamma: "Γ", Delta: "Δ", Theta: "Θ", Lambda: "Λ", Xi: "Ξ", Pi: "Π",
  Sigma: "Σ", Phi: "Φ", Psi: "Ψ", Omega: "Ω", infty: "∞", partial: "∂", nabla: "∇", hbar: "ℏ", ell: "ℓ", emptyset: "∅",
  varnothing: "∅", Re: "ℜ", Im: "ℑ", aleph: "ℵ", "%": "%", "$": "$", "#": "#", "&": "&", _: "_",
};

/** An operator; in a list where what is below and above it stands under and over it. */
export const operators = {
  times: "×", cdot: "⋅", div: "÷", pm: "±", mp: "∓", ast: "∗", star: "⋆", circ: "∘", bullet: "∙", oplus: "⊕", otimes: "⊗",
  le: "≤", leq: "≤", ge: "≥", geq: "≥", ne: "≠", neq: "≠", approx: "≈", equiv: "≡", sim: "∼", cong: "≅", propto: "∝",
  ll: "≪", gg: "≫", lt: "<", gt: ">", in: "∈", notin: "∉", ni: "∋", subset: "⊂", subseteq: "⊆", supset: "⊃", supseteq: "⊇",
  cup: "∪", cap: "∩", setminus: "∖", wedge: "∧", land: "∧", vee: "∨", lor: "∨", neg: "¬", lnot: "¬", forall: "∀",
  exists: "∃", to: "→", rightarrow: "→", leftarrow: "←", leftrightarrow: "↔", Rightarrow: "⇒", Leftarrow: "⇐", implies: "⟹",
  Leftrightarrow: "⇔", iff: "⟺", mapsto: "↦", uparrow: "↑", downarrow: "↓", mid: "∣", parallel: "∥", perp: "⊥", angle: "∠",
  degree: "°", prime: "′", ldots: "…", dots: "…", cdots: "⋯", vdots: "⋮", ddots: "⋱", therefore: "∴", because: "∵",
  langle: "⟨", rangle: "⟩", lfloor: "⌊", rfloor: "⌋", lceil: "⌈", rceil: "⌉", lvert: "|", rvert: "|", vert: "|",
  "{": "{", "}": "}", "|": "‖", colon: ":", triangle: "△", square: "□", checkmark: "✓",
  sum: ["∑", true], prod: ["∏", true], bigcup: ["⋃", true], bigcap: ["⋂", true], int: "∫", iint: "∬", iiint: "∭", oint: "∮",
};

/** Functions, and what is written for those whose names have a space. */
export const functions = {
  sin: "", cos: "", tan: "", cot: "", sec: "", csc: "", arcsin: "", arccos: "", arctan: "", sinh: "", cosh: "", tanh: "",
  log: "", ln: "", lg: "", exp: "", lim: "", max: "", min: "", sup: "", inf: "", det: "", dim: "", ker: "", gcd: "", deg: "",
  arg: "", Pr: "", argmax: "arg max", argmin: "arg min",
};

export const spaces = { ",": "0.17em", ":": "0.22em", ";": "0.28em", "!": "0", " ": "0.3em", quad: "1em", qquad: "2em" };
