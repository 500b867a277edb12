"""Formulas for pages: LaTeX as MathML, which browsers typeset without scripts."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from markupsafe import Markup

from spiritlevel.core.errors import InputError
from spiritlevel.reports.prose import prose

# What the converter does not know, in what it knows.
_SPELLINGS = (
    (r"\\arg\\m(in|ax)", r"\\operatorname{arg\\,m\1}"),
    (r"\\tfrac", r"\\frac"),
    (r"\\dfrac", r"\\frac"),
    (r"\\operatorname\*", r"\\operatorname"),
    (r"\\[bB]igg?[lr]?\\\|", r"\\|"),
)
# Browsers know letters of these kinds by themselves only, not as a variant of others.
_KINDS = {
    "bold": ("MATHEMATICAL BOLD",),
    "double-struck": ("MATHEMATICAL DOUBLE-STRUCK", "DOUBLE-STRUCK"),
    "fraktur": ("MATHEMATICAL FRAKTUR", "BLACK-LETTER"),
    "script": ("MATHEMATICAL SCRIPT", "SCRIPT"),
}


@cache
def formula(latex: str) -> Markup:
    r"""A displayed formula as MathML; the LaTeX itself, as code, where it cannot be converted.

    Raises
    ------
    InputError
        If the converter is not installed.

    Examples
    --------
    >>> str(formula("x^2")).startswith("<math")
    True
    >>> [letter in formula(r"\mathcal O \mathfrak M \mathbf 1 \mathbb E") for letter in "𝒪𝔐𝟏𝔼"]
    [True, True, True, True]
    >>> str(formula(r"\nosuchcommand x"))
    '<code>\\nosuchcommand x</code>'
    """
    try:
        from latex2mathml.converter import convert
    except ImportError as error:
        raise InputError("pages need latex2mathml; install spiritlevel with the extra 'report'") from error
    spelled = latex
    for pattern, replacement in _SPELLINGS:
        spelled = re.sub(pattern, replacement, spelled)
    try:
        made = convert(spelled, display="block")
    except Exception:  # noqa: BLE001 - the library raises many kinds; what it cannot read is shown as it is
        made = "\\"
    if "\\" in made:
        return Markup("<code>{}</code>").format(latex)
    made = made.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "")  # a page knows it
    made = re.sub(r"&#x(\w+);", _character, made)
    return Markup(re.sub(r'<(m[in]) mathvariant="([a-z-]+)">(\w)<', _letter, made))


def _letter(given: re.Match[str]) -> str:
    """A letter or digit of a kind."""
    tag, kind, letter = given.groups()
    plain_name = unicodedata.name(letter).removeprefix("LATIN ").replace("LETTER ", "")
    for prefix in _KINDS.get(kind, ()):
        try:
            return f"<{tag}>{unicodedata.lookup(f'{prefix} {plain_name}')}<"
        except KeyError:
            continue
    return given[0]


def _character(entity: re.Match[str]) -> str:
    """The character that an entity means, which is shorter; a mark of HTML stays an entity."""
    meant = chr(int(entity[1], 16))
    return entity[0] if meant in '<>&"' else meant


def plain(text: str) -> Markup:
    """A sentence, escaped, with its letters set (`spiritlevel.reports.prose`); ``$..$`` within it becomes MathML.

    Examples
    --------
    >>> str(plain("a < b_1"))
    'a &lt; b<sub>1</sub>'
    """
    parts = re.split(r"\$([^$]+)\$", text)
    done = [prose(part) if k % 2 == 0 else inline(part) for k, part in enumerate(parts)]
    return Markup("").join(done)


def inline(latex: str) -> Markup:
    """A formula within a line."""
    return Markup(str(formula(latex)).replace(' display="block"', "", 1))


def escaped(text: str) -> Markup:
    r"""A sentence for Markdown: its marks are text, ``$..$`` stays.

    Examples
    --------
    >>> str(escaped("a_i < b*c in $x_i$"))
    'a\\_i &lt; b\\*c in $x_i$'
    """
    parts = re.split(r"(\$[^$]+\$)", text)
    marks = re.compile(r"([\\`*_\[\]])")
    done = [part if k % 2 else marks.sub(r"\\\1", part).replace("<", "&lt;") for k, part in enumerate(parts)]
    return Markup("".join(done))
