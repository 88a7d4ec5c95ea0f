"""Make the scripts and the style of the page small: what only those who write them read stays behind."""

from __future__ import annotations

import re
from collections import Counter
from itertools import count

#: In the model's script, what stands for a slot, a parameter, a lever or a field of a flip; a text is passed over.
LONG = re.compile(r'"(?:[^"\\]|\\.)*"|(?<![\w$.])((?:S|s|p|q|flip|sum|H)_\w+)')


def script(text: str) -> str:
    r"""Leave out the spaces and comments of a script.

    >>> script("const a = 1; // one\n  const b = `x  ${ a }`;")
    'const a=1;const b=`x  ${ a }`;'
    """
    from rjsmin import jsmin  # read only where a page is made

    return jsmin(text)


def style(text: str) -> str:
    """Leave out spaces, comments and needless zeros of a style sheet; a blank before a colon (`a :is(b)`) counts.

    >>> style("a, b { color: red; &:hover { top: 0.1rem } } /* red */")
    'a,b{color:red;&:hover{top:.1rem}}'
    """
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    text = re.sub(r"(?<![\w.])0(\.\d)", r"\1", text)
    return re.sub(r"\s*([{};,])\s*|(:)\s+", r"\1\2", text).replace(";}", "}").strip()


def model(text: str) -> str:
    """Leave out the spaces and comments of the model's script, and give its long names short ones.

    Args:
        text: the script, as `setback.model.engines.javascript.write` gives it, in which a `$` begins no name.

    >>> model('const S_effort = row(1), u = "S_effort";')
    'const $0=row(1),u="S_effort";'
    """
    text = script(text)
    assert not re.search(r"(?<![\w$])\$\w", text), "a name begins with $"
    often = Counter(found[1] for found in LONG.finditer(text) if found[1])
    short = {name: f"${_digits(k)}" for k, (name, _) in zip(count(), often.most_common())}
    return LONG.sub(lambda found: short.get(found[1], found[0]), text)


def _digits(k: int) -> str:
    """Write a number to the base 36."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    return (_digits(k // 36) if k >= 36 else "") + digits[k % 36]
