"""Errors that end as a sentence on somebody's screen."""


class OfficeError(Exception):
    """Something a person asked for cannot be done; ``message`` says why in office Chinese.

    Services raise it (or a subclass) instead of returning flags; screens, commands and the API show ``message``
    as it is. Nothing has been changed when it is raised.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
