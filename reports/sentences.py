"""The first sentence of a text, where a list has room for one only."""

from __future__ import annotations

import re

# What ends in a full stop within a sentence.
_SHORT = re.compile(
    r"(?:\b(?:e\.g|i\.e|w\.r\.t|cf|vs|al|etc|resp|Eq|Eqs|Fig|Sec|Thm|Lem|Prop|Cor|No)|[\s.(])\.\)?$"
)


def first(text: str) -> str:
    """The first sentence; brackets and formulas between dollars stay whole.

    Examples
    --------
    >>> first("A factor n is lost. It is harmless.")
    'A factor n is lost.'
    >>> first("It holds for 1, .. , n, e.g. in (3. of B): x = 0.5. delta is new.")
    'It holds for 1, .. , n, e.g. in (3. of B): x = 0.5.'
    >>> first("O(.) hides a factor, and no full stop follows")
    'O(.) hides a factor, and no full stop follows'
    """
    for stop in re.finditer(r"[.?!][)\]'\"]?(?=\s)", text):
        head = text[: stop.end()]
        whole = head.count("(") <= head.count(")") and head.count("$") % 2 == 0
        if whole and not _SHORT.search(head):
            return head
    return text
