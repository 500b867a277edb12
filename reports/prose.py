"""Mathematics within sentences: Greek letters, indices and powers as they are written by hand."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_GREEK = {
    name: chr(code)
    for names, start in (
        ("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi", 0x3B1),
        ("pi rho _ sigma tau _ phi chi psi omega", 0x3C0),
        ("Gamma Delta _ _ _ Theta _ _ Lambda _ _ Xi _ Pi _ _ Sigma _ _ Phi _ Psi Omega", 0x393),
    )
    for code, name in enumerate(names.split(), start)
    if name != "_"
} | {
    "eps": "\N{GREEK SMALL LETTER EPSILON}",
    "lam": "\N{GREEK SMALL LETTER LAMDA}",
    "vartheta": "\N{GREEK THETA SYMBOL}",
}
_SIGNS = {
    "<=": "\N{LESS-THAN OR EQUAL TO}",
    ">=": "\N{GREATER-THAN OR EQUAL TO}",
    "<<": "\N{MUCH LESS-THAN}",
    ">>": "\N{MUCH GREATER-THAN}",
    "!=": "\N{NOT EQUAL TO}",
    "->": "\N{RIGHTWARDS ARROW}",
    "+-": "\N{PLUS-MINUS SIGN}",
    "...": "\N{HORIZONTAL ELLIPSIS}",
    "..": "\N{HORIZONTAL ELLIPSIS}",
}
_NAMES = "|".join(sorted(_GREEK, key=len, reverse=True))
# An index is short, Greek or in brackets: a name with an underscore is left alone.
_PARTS = re.compile(
    r"(?P<base>(?<![A-Za-z_])[A-Za-z]{1,6}['*]*|[)\]|])"
    rf"_(?P<low>\{{[^{{}}]*\}}|\([^()]*\)|[A-Za-z0-9]{{1,4}}|{_NAMES})(?![A-Za-z0-9_])"
    r"|(?<=\S)\^(?P<high>\{[^{}]*\}|\([^()]*\)|[-+]?\d+(?:\.\d+)?|[-+]?[A-Za-z]+\d*(?:_[A-Za-z0-9]\b)?|[*'+])"
    rf"|(?<![A-Za-z_])(?P<greek>{_NAMES})(?![A-Za-z])"
    rf"|(?P<sign>{'|'.join(map(re.escape, _SIGNS))})|(?<= )(?P<minus>-)(?= )"
)


def prose(text: str) -> Markup:
    """A sentence in HTML with its letters, indices and powers.

    Examples
    --------
    >>> str(prose("|x_i^{t+1}|^2 <= L_{f,0} alpha^-1 & n^(1/2)"))
    '|x<sub>i</sub><sup>t+1</sup>|<sup>2</sup> ≤ L<sub>f,0</sub> α<sup>-1</sup> &amp; n<sup>1/2</sup>'
    >>> str(prose("with my_function and spiritlevel, alphabetically"))
    'with my_function and spiritlevel, alphabetically'
    """
    done, at = [], 0
    for part in _PARTS.finditer(text):
        done += [escape(text[at : part.start()]), _set(part)]
        at = part.end()
    return Markup("").join([*done, escape(text[at:])])


def _bare(text: str) -> str:
    return text[1:-1] if text[0] in "{(" else text


def _set(part: re.Match[str]) -> Markup:
    if part["low"]:
        return Markup("{}<sub>{}</sub>").format(prose(part["base"]), prose(_bare(part["low"])))
    if part["high"]:
        return Markup("<sup>{}</sup>").format(prose(_bare(part["high"])))
    if part["minus"]:
        return Markup("\N{MINUS SIGN}")
    return Markup(_GREEK[part["greek"]] if part["greek"] else _SIGNS[part["sign"]])
