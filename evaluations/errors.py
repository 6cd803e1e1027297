"""Why a ballot was not taken, as sentences for the resident's page; a screen may tell them apart by class."""

from alliances.errors import OfficeError


class BallotRefused(OfficeError):
    """Base of the reasons below. Nothing was counted and no code used up."""


class CodeUnknown(BallotRefused):
    """No such code, or one of another round: the two are not told apart, so that guessing teaches nothing."""

    def __init__(self) -> None:
        super().__init__("评议码不对，或者不是这次活动的评议码。请核对纸条上的字母和数字，或重新扫描二维码。")


class CodeUsed(BallotRefused):
    def __init__(self) -> None:
        super().__init__("这个评议码已经用过，每个评议码只能评一次。谢谢您的参与。")


class CodeVoid(BallotRefused):
    def __init__(self) -> None:
        super().__init__("这个评议码已经作废，请向社区工作人员另领一张。")


class RoundNotOpen(BallotRefused):
    def __init__(self) -> None:
        super().__init__("这次活动的评议还没有开始，请在活动结束后再来。")


class RoundOver(BallotRefused):
    def __init__(self) -> None:
        super().__init__("这次评议已经截止，不再收票。谢谢您的关心。")


class AlreadyVoted(BallotRefused):
    """A unit's second ballot, or a browser's second code."""


class CalledOff(BallotRefused):
    def __init__(self) -> None:
        super().__init__("这次活动取消了，不用评议。谢谢您的关心。")
