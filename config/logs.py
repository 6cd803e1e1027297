"""Log lines as JSON objects, without personal data.

A line carries ids and counts; phone numbers and long one-time tokens in a path or message are masked all the
same, because a library may log what we would not.
"""

import json
import logging
import re
from datetime import UTC, datetime

_PHONE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")
_TOKEN = re.compile(r"(?<=/)[A-Za-z0-9_\-:=]{24,}(?=/|\s|$|\")")
_RESIDENT = re.compile(
    r"(?<=/[bq]/)[^\n\"]+"
)  # residents' ballot and tracking codes, also typed with spaces: to the line's end
_QUERY = re.compile(r"\?[^\s\"]+")


def scrub(text: str) -> str:
    """``text`` with mobile numbers, residents' codes, token-like path parts and query strings masked."""
    return _QUERY.sub("?…", _TOKEN.sub("…", _RESIDENT.sub("…", _PHONE.sub(r"\1****\2", text))))


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, traceback without local variables."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": scrub(record.getMessage()),
        }
        if record.exc_info:
            line["exception"] = scrub(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
