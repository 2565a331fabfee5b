/** Commands that have a character. No library that does this is kept well and light: unicodeit's packages bring a browser's. */
export const SYMBOLS: Readonly<Record<string, string>> = {
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
  ...{ setminus: '∖', mid: '|', vert: '|', Vert: '‖', lVert: '‖', rVert: '‖', lvert: '|', rvert: '|', bullet: '•' },
  ...{ cong: '≅', simeq: '≃', star: '⋆', dagger: '†', lfloor: '⌊', rfloor: '⌋', lceil: '⌈', rceil: '⌉', top: '⊤' },
  ...{ bot: '⊥', models: '⊨', vdash: '⊢', implies: '⇒', gets: '←', therefore: '∴', because: '∵', lbrace: '{' },
  ...{ rbrace: '}', gt: '>', lt: '<', aleph: 'ℵ', varnothing: '∅', varrho: 'ϱ', varpi: 'ϖ', degree: '°' },
  ...{ ell: 'ℓ', Re: 'ℜ', Im: 'ℑ', perp: '⊥', parallel: '∥', angle: '∠', quad: '  ', qquad: '    ' },
};

/** Commands that are the name of a function, upright. */
export const FUNCTIONS: ReadonlySet<string> = new Set(
  'arccos arcsin arctan arg cos cosh cot csc deg det dim exp gcd hom inf ker lg lim liminf limsup ln log max min Pr sec sin sinh sup tan tanh'.split(
    ' ',
  ),
);

/** Commands that change how something looks, and not what it says. */
export const LOOKS: ReadonlySet<string> = new Set(
  'displaystyle textstyle scriptstyle limits nolimits left right big Big bigg Bigg bigl bigr Bigl Bigr middle nonumber notag rm bf it'.split(
    ' ',
  ),
);

/** Commands whose argument is what is shown. */
export const WRAPPERS: ReadonlySet<string> = new Set(
  'text textrm textbf textit texttt mathrm mathbf mathit mathsf mathtt mathcal mathfrak mathscr boldsymbol bm mbox operatorname ensuremath'.split(
    ' ',
  ),
);

/** A character that goes above the one before it. */
export const ACCENTS: Readonly<Record<string, string>> = {
  ...{ hat: '\u0302', widehat: '\u0302', tilde: '\u0303', widetilde: '\u0303', bar: '\u0304', overline: '\u0305' },
  ...{ vec: '\u20d7', dot: '\u0307', ddot: '\u0308' },
};

export const DOUBLE_STRUCK: Readonly<Record<string, string>> = characters('CEHNPQRZ1', 'ℂ𝔼ℍℕℙℚℝℤ𝟙');
export const RAISED: Readonly<Record<string, string>> = characters(
  '0123456789+-=()nijkmptxyT',
  '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱʲᵏᵐᵖᵗˣʸᵀ',
);
export const LOWERED: Readonly<Record<string, string>> = characters(
  '0123456789+-=()aeijklmnopstx',
  '₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑᵢⱼₖₗₘₙₒₚₛₜₓ',
);

function characters(from: string, to: string): Record<string, string> {
  const forms = [...to];
  return Object.fromEntries([...from].map((character, at) => [character, forms[at]!]));
}
