"""``manage.py tick [--at ISO-TIME]``: every due sweep once, as beat's tick does, with a line for each thing done."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from alliances import clock
from alliances.services import sweeps


class Command(BaseCommand):
    help = "把现在（或 --at 指定时刻）到期的事项办理一遍：发提醒单、催办、报书记、汇总提示、发送消息。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--at",
            metavar="时刻",
            help="按这个时刻办理，如 2026-03-02T09:00；不写时区按北京时间，只写日期为当天 0 点。",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit status 0, 1 when a sweep failed (the others have run), 2 for a time that is none."""
        moment = read_moment(options["at"]) if options["at"] else clock.now()
        outcomes = sweeps.run_all(moment)
        done = 0
        for outcome in outcomes:
            for line in outcome.lines:
                self.stdout.write(f"{outcome.title}：{line}")
                done += 1
        failed = [outcome for outcome in outcomes if outcome.error]
        if not done and not failed:
            self.stdout.write("没有到期的事项。")
        if failed:
            raise CommandError(
                "\n".join(
                    f"“{o.title}”没有办成（{o.error}），其余照常办理，修复后会自动补办。" for o in failed
                )
            )


def read_moment(text: str) -> datetime:
    """An aware time from ISO text, Asia/Shanghai unless it says otherwise; ``CommandError`` (2) with a sentence."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as problem:
        raise CommandError(f"看不懂时刻“{text}”，请写成 2026-03-02T09:00 的样子。", returncode=2) from problem
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.ZONE)
