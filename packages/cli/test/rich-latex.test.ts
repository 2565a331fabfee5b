import { expect, test } from 'vitest';
import { painter } from '../src/paint.js';
import { latexText } from '../src/rich/latex.js';
import { markdownText } from '../src/rich/markdown.js';

test.each([
  ['$\\displaystyle \\int_0^1 x^{2}\\,dx$', '∫₀¹ x² dx'],
  ['$$\\sum_{i=1}^{n} \\alpha_i \\leq \\infty$$', '∑ᵢ₌₁ⁿ αᵢ ≤ ∞'],
  ['\\[\\int_0^\\infty e^{-x^2} dx = \\frac{\\sqrt{\\pi}}{2}\\]', '∫₀^∞ e^(-x²) dx = √π/2'],
  ['\\frac{a+b}{2a} + \\frac{1}{n} + \\frac{dy}{dx}', '(a+b)/(2a) + 1/n + dy/dx'],
  ['\\frac12x', '1/2 x'],
  ['x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}', 'x = (-b ± √(b² - 4ac))/(2a)'],
  ['\\sqrt[3]{x} \\sqrt{xy}z \\sqrt{x^2}', '³√x √(xy) z √(x²)'],
  ['\\left(\\frac{x}{y}\\right)^{2y}', '(x/y)²ʸ'],
  ['\\left[\\begin{matrix}1 & 2\\\\3 & x^2\\end{matrix}\\right]', '[1, 2; 3, x²]'],
  ['\\begin{pmatrix} a \\\\ b \\end{pmatrix}^T', '(a; b)ᵀ'],
  ['\\begin{aligned} a &= b \\\\ c &= d \\end{aligned}', 'a = b\nc = d'],
  ['\\lim_{x \\to 0} \\sin\\theta \\log_2 n', 'lim_(x → 0) sin θ log₂ n'],
  ['\\mathbb{R}^n \\text{ if } \\mathbf{v} \\cdot \\hat{x} = 90^\\circ', 'ℝⁿ  if  v ⋅ x\u0302 = 90°'],
  ['\\{a \\mid b\\} \\left. x \\right|_0', '{a | b}  x |₀'],
  ['\\binom{n}{k}', '(n choose k)'],
  // half an exponent would be another one, and a command is known by its whole name
  ['x^{2q} \\alphabet \\unknown{x^2}', 'x^(2q) \\alphabet \\unknown{x²}'],
  // what is not what it should be
  ['\\frac{a', 'a/()'],
  ['x^', 'x^()'],
  ['a \\', 'a \\'],
  ['\\begin{matrix} 1', '\\begin{matrix} 1'],
  ['from $a$ to $b_1$', 'from $a$ to $b_1$'],
])('LaTeX: %s', (source, text) => {
  expect(latexText(source)).toBe(text);
});

test('LaTeX without an end is shown as it is', () => {
  for (const deep of ['{'.repeat(9000), '\\frac'.repeat(3000), '^'.repeat(9000), '\\hat'.repeat(3000)])
    expect(latexText(deep)).toBe(deep);
  const long = '\\alpha'.repeat(10_000);
  expect(latexText(long)).toBe(long);
});

test('math in Markdown is no Markdown', () => {
  const source = [
    'From $a_1\\,b_{2}$ to $x^*y^*$, for 5$ and $6, in $HOME/$USER.',
    '',
    '$$',
    '\\frac{a}{b} \\\\',
    '= c_1 * d_2 * e',
    '$$',
    '',
    '- $\\alpha | \\beta$',
  ].join('\n');
  expect(markdownText(source, 80, painter(false)).split('\n')).toEqual([
    'From a₁ b₂ to x^*y^*, for 5$ and $6, in $HOME/$USER.',
    '',
    '    a/b',
    '    = c₁ * d₂ * e',
    '',
    '• α | β',
  ]);
});
