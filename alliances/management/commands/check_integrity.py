"""``manage.py check_integrity``: does everything in the data agree with everything else?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from alliances.registry import registries


class Command(BaseCommand):
    help = "核对数据是否前后一致：组织、任职、消息、安排表、提醒单、日志。发现矛盾逐条列出。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints a line per check; exit status 1 when anything contradicts, each thing as a sentence."""
        found = 0
        for check in registries.integrity:
            sentences = check.find()
            found += len(sentences)
            self.stdout.write(f"{check.title}：{f'{len(sentences)} 处不一致' if sentences else '一致'}")
            for sentence in sentences:
                self.stdout.write(f"  · {sentence}")
        if found:
            raise CommandError(f"共 {found} 处不一致，请按上面各条核实。")
        self.stdout.write(f"{len(registries.integrity)} 项核对全部一致。")
