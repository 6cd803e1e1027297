"""``manage.py demo_clock [workday|month]``: read the demo's calendar or move it forward, as its banner does."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from alliances import clock
from alliances.errors import OfficeError
from alliances.services import demo_clock


class Command(BaseCommand):
    help = "查看演示时钟，或把它移到下一个工作日（workday）、下月初（month）。只能向前。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("step", nargs="?", choices=["workday", "month"], help="移到哪里；不写只看时间。")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("只有演示环境（DEMO=1）才有演示时钟。")
        if options["step"]:
            try:
                lines = demo_clock.advance(options["step"])
            except OfficeError as problem:
                raise CommandError(problem.message) from problem
            for line in lines:
                self.stdout.write(line)
        self.stdout.write(f"演示时钟：{clock.now():%Y-%m-%d %H:%M}")
