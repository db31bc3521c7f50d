"""Arguments of Python as words of a plan. What is wrong names the argument."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable, Sequence

# A time or a span: seconds, "250ms", a timedelta.
Span = float | int | str | datetime.timedelta
# "n3", 3, "n1..n9", "n1,w2", "all", or several of these.
Nodes = str | int | Sequence["str | int"]
# A fraction, or "2%".
Share = float | int | str

_UNITS = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000, "h": 3_600_000_000_000}
_SPAN = re.compile(r"(\d+)(?:\.(\d{1,9}))?(ns|us|ms|s|m|h)")


def is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def nanos(value: Span, name: str) -> int:
    """Whole nanoseconds of a time or span."""
    if isinstance(value, datetime.timedelta):
        value = value.total_seconds()
    if isinstance(value, str):
        match = _SPAN.fullmatch(value)
        if not match:
            raise ValueError(f"{name}: expected seconds or a time such as '250ms', found {value!r}")
        unit = _UNITS[match[3]]
        return int(match[1]) * unit + (int(match[2]) * unit // 10 ** len(match[2]) if match[2] else 0)
    if not is_number(value):
        raise TypeError(f"{name}: expected seconds, a text such as '250ms' or a timedelta, found {value!r}")
    if not math.isfinite(value) or value < 0 or value > 9e9:
        raise ValueError(f"{name}: expected seconds from 0, found {value!r}")
    return round(value * 1_000_000_000)


def span(value: Span, name: str) -> str:
    """"250ms": the largest unit that is exact."""
    count = nanos(value, name)
    for unit in ("s", "ms", "us"):
        if count % _UNITS[unit] == 0:
            return f"{count // _UNITS[unit]}{unit}"
    return f"{count}ns"


def spans(value: Span | tuple[Span, Span], name: str) -> str:
    """One span, or "1ms..20ms" of a pair."""
    if isinstance(value, str) and ".." in value:
        return value
    if isinstance(value, (tuple, list)):
        if len(value) != 2:
            raise ValueError(f"{name}: expected a span or a pair of them, found {value!r}")
        return f"{span(value[0], name)}..{span(value[1], name)}"
    return span(value, name)


def share(value: Share, name: str) -> str:
    """"2%" of 0.02; four digits after the point at most."""
    if isinstance(value, str):
        return word(value, name)
    if not is_number(value):
        raise TypeError(f"{name}: expected a fraction from 0 to 1 or a text such as '2%', found {value!r}")
    if not 0 <= value <= 1:
        raise ValueError(f"{name}: expected a fraction from 0 to 1, found {value!r}")
    if 0 < value < 5e-7:
        raise ValueError(f"{name}: expected 0 or at least 0.000001, found {value!r}")
    return f"{value * 100:.4f}".rstrip("0").rstrip(".") + "%"


def rate(value: float | int | str, name: str) -> str:
    """"5/s" of 5; "30/m" of 0.5."""
    if isinstance(value, str):
        return word(value, name)
    if not is_number(value):
        raise TypeError(f"{name}: expected how many a second or a text such as '30/m', found {value!r}")
    for unit, seconds in (("s", 1), ("m", 60), ("h", 3600)):
        count = value * seconds
        if math.isfinite(count) and count >= 1 and abs(count - round(count)) < 1e-9:
            return f"{round(count)}/{unit}"
    raise ValueError(f"{name}: expected a whole number a second, minute or hour, found {value!r}")


def size(value: int | str, name: str) -> str:
    """"512B" of 512."""
    if isinstance(value, str):
        return word(value, name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name}: expected bytes or a text such as '64KB', found {value!r}")
    if value < 0:
        raise ValueError(f"{name}: expected bytes from 0, found {value!r}")
    return f"{value}B"


def whole(value: int, name: str) -> int:
    """A number from 0 that fits into 64 bits with a sign."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name}: expected a whole number, found {value!r}")
    if not 0 <= value < 2**63:
        raise ValueError(f"{name}: expected a number from 0, found {value!r}")
    return value


def count(value: int, name: str) -> str:
    return str(whole(value, name))


def seed(value: int, name: str = "seed") -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name}: expected a whole number, found {value!r}")
    if not 0 <= value < 2**64:
        raise ValueError(f"{name}: expected a number from 0 below 2**64, found {value!r}")
    return value


def ppm(value: float, name: str) -> str:
    """"+50000ppm" of 0.05."""
    if not is_number(value):
        raise TypeError(f"{name}: expected a number such as 0.05 or -0.0002, found {value!r}")
    if not math.isfinite(value) or abs(value) > 1:
        raise ValueError(f"{name}: expected a number such as 0.05 or -0.0002, found {value!r}")
    return f"{round(value * 1_000_000):+d}ppm"


def flag(value: bool, name: str) -> str:
    if not isinstance(value, bool):
        raise TypeError(f"{name}: expected True or False, found {value!r}")
    return "yes" if value else "no"


def text(value: str, name: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name}: expected a text, found {value!r}")
    return value


def word(value: str, name: str) -> str:
    """A text without blanks, as a plan needs it."""
    if not text(value, name) or re.search(r"[\s#=]", value):
        raise ValueError(f"{name}: expected a word without blanks, '#' and '=', found {value!r}")
    return value


def words(value: str | Iterable[str], name: str) -> str:
    """"add,echo2" of one word or several."""
    return ",".join(word(one, name) for one in ([value] if isinstance(value, str) else value))


def nodes(value: Nodes, name: str, letter: str = "n") -> str:
    """"n1,n7..n9"."""
    if isinstance(value, bool) or not isinstance(value, (str, int, list, tuple, set, frozenset, range)):
        raise TypeError(f"{name}: expected '{letter}3', 3, '{letter}1..{letter}9', 'all' or several, found {value!r}")
    if isinstance(value, int):
        if value < 1:
            raise ValueError(f"{name}: expected numbers from 1, found {value!r}")
        return f"{letter}{value}"
    if isinstance(value, str):
        return word(value, name)
    several = [nodes(one, name, letter) for one in value]
    if not several:
        raise ValueError(f"{name}: expected at least one")
    if isinstance(value, (set, frozenset)):
        several.sort(key=lambda one: (len(one), one))  # n9 before n10
    return ",".join(several)


def number_of(value: str | int, name: str, letter: str = "n") -> int:
    """3 of "n3"."""
    found = nodes(value, name, letter)
    if not re.fullmatch(letter + r"[1-9]\d{0,6}", found):
        raise ValueError(f"{name}: expected one such as '{letter}3', found {value!r}")
    return int(found[1:])
