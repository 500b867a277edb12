"""Formulas for pages: LaTeX as MathML, which browsers typeset without scripts."""

from __future__ import annotations

import re
from functools import cache

from markupsafe import Markup, escape

from spiritlevel.core.errors import InputError

# What the converter does not know, in what it knows.
_SPELLINGS = (
    (r"\\arg\\m(in|ax)", r"\\operatorname{arg\\,m\1}"),
    (r"\\tfrac", r"\\frac"),
    (r"\\dfrac", r"\\frac"),
    (r"\\operatorname\*", r"\\operatorname"),
    (r"\\[bB]igg?[lr]?\\\|", r"\\|"),
)


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
    return Markup(made)


def plain(text: str) -> Markup:
    """A sentence, escaped; ``$..$`` within it becomes MathML.

    Examples
    --------
    >>> str(plain("a < b"))
    'a &lt; b'
    """
    parts = re.split(r"\$([^$]+)\$", text)
    done = [escape(part) if k % 2 == 0 else inline(part) for k, part in enumerate(parts)]
    return Markup("").join(done)


def inline(latex: str) -> Markup:
    """A formula within a line."""
    return Markup(str(formula(latex)).replace('display="block"', 'display="inline"'))
