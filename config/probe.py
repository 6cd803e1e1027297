"""Is it up? ``python -m config.probe ready|web|beat|free HOST:PORT ...`` - exit status 0 for yes, 1 for no.

``free`` looks whether ``make demo`` can have its ports, ``ready`` waits for its site and prints the address;
``web`` and ``beat`` are container health checks. For the worker there is ``celery -A config inspect ping``.
"""

import http.client
import os
import socket
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

BEAT_SILENCE = 900  # seconds; beat writes its schedule file every three minutes


def answer(path: str) -> int | None:
    """The status with which the local web process answers ``path``; None while nobody listens."""
    host, _, port = os.environ.get("WEB_BIND", "127.0.0.1:8000").rpartition(":")
    # The site's own name, else a strict ALLOWED_HOSTS refuses the probe.
    name = urlsplit(os.environ.get("SITE_URL", "")).netloc or f"127.0.0.1:{port}"
    here = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - compared, not bound
    connection = http.client.HTTPConnection(here, int(port), timeout=10)
    try:
        connection.request("GET", path, headers={"Host": name})
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()


def web() -> bool:
    """Whether the site says of itself that it is well."""
    return (answer("/health/") or 500) < 400


def ready(seconds: float = 60) -> bool:
    """Wait until the site answers, then say where it is; silent when the demo ends before that."""
    parent, until = os.getppid(), time.monotonic() + seconds
    while time.monotonic() < until and os.getppid() == parent:
        status = answer("/accounts/login/")
        if status is not None and status < 400:
            site = os.environ.get("SITE_URL", "http://127.0.0.1:8000")
            print(f"\n共建已启动：{site}　按 Ctrl-C 停止。\n", flush=True)
            return True
        if status is not None:
            print(f"网站启动后出错（{status}），请看上面的出错信息。", file=sys.stderr)
            return False
        time.sleep(0.25)
    if os.getppid() == parent:
        print(f"等了 {seconds:.0f} 秒，网站仍未应答，请看上面的出错信息。", file=sys.stderr)
    return False


def free(*addresses: str) -> bool:
    """Whether nothing listens on any of the addresses; says which one is taken."""
    for address in addresses:
        host, _, port = address.rpartition(":")
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex((host, int(port))) == 0:
                print(f"端口 {port} 已被占用，可能另一个演示正在运行；请先停止它。", file=sys.stderr)
                return False
    return True


def beats() -> bool:
    """Whether beat has written its schedule file lately."""
    folder = Path(os.environ.get("VAR_DIR", "var"))
    written = [path.stat().st_mtime for path in folder.glob("beat-schedule*")]
    return bool(written) and time.time() - max(written) < BEAT_SILENCE


if __name__ == "__main__":
    checks = {"ready": ready, "web": web, "beat": beats, "free": free}
    sys.exit(0 if checks[sys.argv[1]](*sys.argv[2:]) else 1)
