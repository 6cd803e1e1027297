"""``manage.py seed_demo``: the demo county in an empty database; run again, it keeps the data and winds the clock on."""

from typing import Any
from unicodedata import east_asian_width

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from alliances import clock
from alliances.errors import OfficeError
from alliances.services import demo_clock
from evaluations.services import demo

GAP = 2


class Command(BaseCommand):
    help = "装入演示县的数据（只装入空库），打印一次登录口令；再次运行保留数据，演示时钟接着走。"

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("演示数据只装入演示环境：请设置 DEMO=1 再运行。")
        if demo.is_seeded():
            demo_clock.resume()
            self.stdout.write(f"演示数据已在，保持不变；演示时钟 {clock.now():%Y-%m-%d %H:%M}。")
            return
        self.stdout.write("正在装入演示县（导入表册、排定年度、走完一季度），约需一两分钟……")
        self.stdout.flush()
        try:
            logins = demo.seed()
        except OfficeError as problem:
            raise CommandError(problem.message) from problem
        self.stdout.write("演示数据已装入。口令只显示这一次：\n\n")
        rows = [("身份", "姓名", "所在", "手机号（登录名）", "口令")]
        rows += [(login.role, login.name, login.place, login.phone, login.password) for login in logins]
        self.stdout.write(table(rows))


def table(rows: list[tuple[str, ...]]) -> str:
    """Columns aligned on a terminal, where a Chinese character takes two places."""
    widths = [max(_width(row[i]) for row in rows) + GAP for i in range(len(rows[0]))]
    lines = [
        "".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join(["  " + line for line in lines]) + "\n"


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
