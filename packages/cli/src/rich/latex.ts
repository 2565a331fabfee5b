/** Commands that have a character. No library that does this is kept well and light: unicodeit's packages bring a browser's. */
const SYMBOLS: Readonly<Record<string, string>> = {
  ...{ alpha: 'α', beta: 'β', gamma: 'γ', delta: 'δ', epsilon: 'ϵ', varepsilon: 'ε', zeta: 'ζ', eta: 'η', theta: 'θ' },
  ...{ vartheta: 'ϑ', iota: 'ι', kappa: 'κ', lambda: 'λ', mu: 'μ', nu: 'ν', xi: 'ξ', pi: 'π', rho: 'ρ', sigma: 'σ' },
  ...{ tau: 'τ', upsilon: 'υ', phi: 'ϕ', varphi: 'φ', chi: 'χ', psi: 'ψ', omega: 'ω', Gamma: 'Γ', Delta: 'Δ' },
  ...{ Theta: 'Θ', Lambda: 'Λ', Xi: 'Ξ', Pi: 'Π', Sigma: 'Σ', Upsilon: 'Υ', Phi: 'Φ', Psi: 'Ψ', Omega: 'Ω' },
  ...{ times: '×', div: '÷', cdot: '⋅', pm: '±', mp: '∓', circ: '∘', ast: '∗', oplus: '⊕', otimes: '⊗' },
  ...{ le: '≤', leq: '≤', ge: '≥', geq: '≥', ne: '≠', neq: '≠', approx: '≈', equiv: '≡', sim: '∼', propto: '∝' },
  ...{ ll: '≪', gg: '≫', in: '∈', notin: '∉', ni: '∋', subset: '⊂', subseteq: '⊆', supset: '⊃', supseteq: '⊇' },
  ...{
    cup: '∪',
    cap: '∩',
    emptyset: '∅',
    forall: '∀',
    exists: '∃',
    neg: '¬',
    land: '∧',
    lor: '∨',
    wedge: '∧',
    vee: '∨',
  },
  ...{ sum: '∑', prod: '∏', int: '∫', iint: '∬', oint: '∮', partial: '∂', nabla: '∇', infty: '∞', prime: '′' },
  ...{ to: '→', rightarrow: '→', leftarrow: '←', leftrightarrow: '↔', Rightarrow: '⇒', Leftarrow: '⇐', iff: '⇔' },
  ...{ mapsto: '↦', ldots: '…', dots: '…', cdots: '⋯', vdots: '⋮', ddots: '⋱', langle: '⟨', rangle: '⟩', hbar: 'ℏ' },
  ...{ ell: 'ℓ', Re: 'ℜ', Im: 'ℑ', perp: '⊥', parallel: '∥', angle: '∠', quad: '  ', qquad: '    ' },
};

const RAISED: Readonly<Record<string, string>> = characters('0123456789+-=()ni', '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ');
const LOWERED: Readonly<Record<string, string>> = characters('0123456789+-=()aeijnox', '₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑᵢⱼₙₒₓ');

/** LaTeX with what has a character of its own as that character; the rest is left as the source that it is. */
export function latexText(source: string): string {
  const text = source.trim();
  const [, inner] = /^(?:\$\$([^$]+)\$\$|\$([^$]+)\$)$/.exec(text)?.filter((part) => part !== undefined) ?? [];
  return mathText(inner ?? text).trim();
}

/** As `latexText`, without dollars around it. */
export function mathText(math: string): string {
  return math
    .replace(/\\(?:displaystyle|left|right)(?![A-Za-z])\s?/g, '')
    .replace(/\\([A-Za-z]+)/g, (command, name: string) => (Object.hasOwn(SYMBOLS, name) ? SYMBOLS[name]! : command))
    .replace(
      /\^(?:\{([^{}]+)\}|(\w))/g,
      (whole, many?: string, one?: string) => shifted(many ?? one ?? '', RAISED) ?? whole,
    )
    .replace(
      /_(?:\{([^{}]+)\}|(\w))/g,
      (whole, many?: string, one?: string) => shifted(many ?? one ?? '', LOWERED) ?? whole,
    );
}

/** Null where one of the characters has no such form: half of an exponent would be another one. */
function shifted(text: string, forms: Readonly<Record<string, string>>): string | null {
  let result = '';
  for (const character of text) {
    const form = forms[character];
    if (form === undefined) return null;
    result += form;
  }
  return result;
}

function characters(from: string, to: string): Record<string, string> {
  const forms = [...to];
  return Object.fromEntries([...from].map((character, at) => [character, forms[at]!]));
}
