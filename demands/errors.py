"""Refusals of the four lists that callers tell apart."""

from alliances.errors import OfficeError


class AlreadyTaken(OfficeError):
    """Somebody else was faster: a demand has its lead, a venue is full."""


class ContactUnreadable(OfficeError):
    """A stored contact cannot be decrypted with any of the configured keys."""

    def __init__(self) -> None:
        super().__init__("联系方式的密钥不对，暂时读不出来，请联系系统管理员核对 CONTACT_KEYS。")
