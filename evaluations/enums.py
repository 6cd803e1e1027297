"""The words of scoring."""

from django.db import models


class RubricSubject(models.TextChoices):
    ACTIVITY = "activity", "活动"
    CHAIR = "chair", "轮值主席"


class RoundState(models.TextChoices):
    PREPARED = "prepared", "待开放"
    OPEN = "open", "评议中"
    CLOSED = "closed", "已截止"
    SETTLED = "settled", "已出结果"


class VoterGroup(models.TextChoices):
    UNITS = "units", "单位"
    RESIDENTS = "residents", "群众"


class CodeOrigin(models.TextChoices):
    SLIP = "slip", "纸条二维码"
    VENUE = "venue", "现场扫码"
    PAPER = "paper", "纸质评议票"


class BallotSource(models.TextChoices):
    SCREEN = "screen", "在线"
    PAPER = "paper", "纸质录入"


class FeedbackState(models.TextChoices):
    DRAFT = "draft", "草稿"
    PUBLISHED = "published", "已通报"
    SUPERSEDED = "superseded", "已更正"


class AssessmentState(models.TextChoices):
    DRAFT = "draft", "草稿"
    FILED = "filed", "已报送"
    RECEIVED = "received", "已接收"
    RETURNED = "returned", "已退回"
    SUPERSEDED = "superseded", "已更正"


class TwoWayState(models.TextChoices):
    """双向评议 of a year."""

    PREPARED = "prepared", "准备中"
    OPEN = "open", "评议中"
    CLOSED = "closed", "已截止"
    PUBLISHED = "published", "已公布"


class YearPaperState(models.TextChoices):
    """A paper of the year's end that is published once, and corrected by revisions."""

    DRAFT = "draft", "草稿"
    PUBLISHED = "published", "已公布"
    SUPERSEDED = "superseded", "已更正"


class CandidateState(models.TextChoices):
    PROPOSED = "proposed", "待定"
    AWARDED = "awarded", "表彰"
    DECLINED = "declined", "不表彰"
