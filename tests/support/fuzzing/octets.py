"""Changes that fit any file: of bits, runs of bytes, and words that parsers trip over."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

Change = Callable[[Random, bytes], bytes]
LONG = 70_000
NUMBERS = (
    *("0", "-1", "-0", "1e999", "-1e999", "NaN", "nan", "inf", "Infinity", "1e-320", "0x7f", "1_0"),
    *("9223372036854775807", "9223372036854775808", "-9223372036854775809", "4294967296", "2147483648"),
    *("99999999999999999999999", "1" * 400, "9" * 5000, "1.7976931348623157e309", "", " 5", "5 "),
    *("+5", "5.", ".5", "１２", "٣", "1,5", "1e5", "181", "-181", "91", "180.0000001", "true"),
)  # fmt: skip
WORDS = (
    *("", " ", "\x1b[2J\x1b]0;x\x07", "a\x00b", "\x07\x08", "\u202egpj.exe", "\u2028", "\x85", "é́́"),
    *("[bold]x[/bold]", "[/]", "{name}", "%s%n", "../../etc/passwd", "=1+1", "'; DROP--", "\\", '"'),
    *("<script>", "&amp;", "&x;", "]]>", "null", "None", "NA", "𠀀" * 90, "名" * 300, "\ufeff", "\ud7ff"),
    "w" * LONG,
)  # fmt: skip
TOKENS = tuple(
    word.encode() for word in (*WORDS[:-1], *NUMBERS[:24], "\n", "\r", "\t", ",", ";", "[", "{")
)
TOKENS += (
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xff",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\x81",
    b"\x00" * 9,
)


def flip(draw: Random, content: bytes) -> bytes:
    spoiled = bytearray(content)
    for _ in range(draw.choice((1, 1, 1, 2, 8))):
        bit = draw.randrange(8 * len(spoiled))
        spoiled[bit // 8] ^= 1 << bit % 8
    return bytes(spoiled)


def overwrite(draw: Random, content: bytes) -> bytes:
    at, end = _run(draw, content)
    filler = draw.choice((b"\x00", b"\xff", b" ", b"A"))
    return content[:at] + filler * (end - at) + content[end:]


def scramble(draw: Random, content: bytes) -> bytes:
    at, end = _run(draw, content, most=8)
    return content[:at] + draw.randbytes(end - at) + content[end:]


def delete(draw: Random, content: bytes) -> bytes:
    at, end = _run(draw, content)
    return content[:at] + content[end:]


def double(draw: Random, content: bytes) -> bytes:
    at, end = _run(draw, content)
    return content[:end] + content[at:end] * draw.choice((1, 1, 50)) + content[end:]


def cut(draw: Random, content: bytes) -> bytes:
    return content[: draw.choice((draw.randrange(len(content)), len(content) - 1, 0, 3))]


def append(draw: Random, content: bytes) -> bytes:
    more = draw.choice((b"\x00", b"\n", draw.randbytes(9), content, b" " * 4096))
    return content + more if draw.random() < 0.8 else more + content


def swap(draw: Random, content: bytes) -> bytes:
    size = max(min(64, len(content) // 4), 1)
    one, two = sorted(draw.randrange(len(content) - size + 1) for _ in range(2))
    two = max(two, min(one + size, len(content) - size))
    if two < one + size:
        return content
    middle = content[one + size : two]
    return (
        content[:one] + content[two : two + size] + middle + content[one : one + size]
        + content[two + size :]
    )  # fmt: skip


def insert(draw: Random, content: bytes) -> bytes:
    at = draw.randrange(len(content) + 1)
    return content[:at] + draw.choice(TOKENS) + content[at:]


OCTETS: tuple[Change, ...] = (
    *(flip, flip, flip, overwrite, scramble, delete, double, cut, append, swap, insert),
)


def any_octets(draw: Random, content: bytes) -> bytes:
    """One of the changes above; of nothing, some bytes."""
    return draw.choice(OCTETS)(draw, content) if content else draw.randbytes(7)


def _run(draw: Random, content: bytes, most: int = 64) -> tuple[int, int]:
    at = draw.randrange(len(content))
    return at, min(at + draw.randint(1, draw.choice((1, 4, most))), len(content))


def odd_number(draw: Random) -> str:
    return draw.choice(NUMBERS)


def odd_word(draw: Random) -> str:
    return draw.choice((*WORDS, *NUMBERS[:12]))
