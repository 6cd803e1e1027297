"""The words of the access matrix: who is who, and rows of statuses. Tables by subject are in ``tests/matrix_*.py``."""

from __future__ import annotations

Who = frozenset[str]
Row = dict[int, Who]


def who(*names: str) -> Who:
    return frozenset(" ".join(names).split())


ALL = who(
    "secretary staff president station liaison second_liaison third_liaison other_liaison both_liaison leader",
    "street other_street county administrator auditor foreign_secretary foreign_liaison",
)
ANYONE = ALL | {"anonymous"}
# Inside the home alliance or above it; the others do not see it.
HOME = ALL - who("other_street administrator auditor foreign_secretary foreign_liaison")
OFFICES = who("street other_street county")
OFFICE = who("secretary staff")  # the people who run 同心社区
OFFICE_ANYWHERE = OFFICE | {"foreign_secretary"}
SECRETARY = who("secretary")
SECRETARIES = who("secretary foreign_secretary")
ADMINISTRATOR = who("administrator")
# March's slip: its three units, the community, the offices above.
ON_SLIP = OFFICE | who("president liaison second_liaison third_liaison leader street county")
MARCH = who("liaison second_liaison third_liaison")
LIBRARY = who("liaison leader")
READS_LEDGER = OFFICE_ANYWHERE | who("president street other_street county")

# {status: who}, read from the top: whoever is named first has that status. Anonymous people are sent to the login
# page unless they are named.
NOT_HERE: Row = {405: ALL}
EVERYBODY: Row = {200: ALL}
ADMINISTERS: Row = {200: ADMINISTRATOR, 403: ALL}
EDITS: Row = {200: OFFICE, 403: HOME, 404: ALL}
DRAFT: Row = {200: OFFICE, 404: ALL}  # a draft is the community's own: others do not see that it is there
DRAFTS: Row = {302: OFFICE, 404: ALL}
MANAGES_CONTACT: Row = {200: OFFICE | ADMINISTRATOR, 403: HOME, 404: ALL}
EXPORTS: Row = {200: OFFICE_ANYWHERE, 404: who("administrator auditor county"), 403: ALL}
IMPORTS: Row = {200: OFFICE_ANYWHERE | ADMINISTRATOR, 403: ALL}
OWN_UPLOAD: Row = {302: SECRETARY, 404: ALL}


def get(row: Row) -> tuple[Row, Row]:
    return row, NOT_HERE


def post(row: Row) -> tuple[Row, Row]:
    return NOT_HERE, row
