"""Small real mail servers for tests: one that takes mail, one that refuses it, one that hangs up."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from email import message_from_bytes, policy
from email.message import Message
from typing import Self


class MailServer:
    """Listens on a free port of this machine and speaks as much SMTP as Django's client needs.

    ``answer`` is what it says to a greeting: "220 ..." takes mail, "554 ..." refuses, "" hangs up at once.
    ``rcpt`` is its answer to a recipient.
    """

    def __init__(self, answer: str = "220 ready", rcpt: str = "250 ok") -> None:
        self.answer, self.rcpt = answer, rcpt
        self.mails: list[Message] = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection, suppress(OSError):  # the client may be killed at any moment
                if self.answer:
                    self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        stream = connection.makefile("rwb")

        def say(line: str) -> None:
            stream.write(f"{line}\r\n".encode())
            stream.flush()

        say(self.answer)
        if not self.answer.startswith("2"):
            return
        for raw in stream:
            verb = raw.decode().strip().split(" ")[0].upper()
            if verb == "DATA":
                say("354 go on")
                lines = []
                for line in stream:
                    if line == b".\r\n":
                        break
                    lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
                else:
                    return  # hung up in the middle: no mail
                self.mails.append(message_from_bytes(b"".join(lines), policy=policy.default))
                say("250 taken")
            elif verb == "QUIT":
                say("221 bye")
                return
            else:
                say(self.rcpt if verb == "RCPT" else "250 ok")
