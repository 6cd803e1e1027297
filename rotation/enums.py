"""The words of the rotating chair."""

from django.db import models


class PlanState(models.TextChoices):
    DRAFT = "draft", "草稿"
    DISCUSSING = "discussing", "讨论稿"
    PASSED = "passed", "已通过"
    CLOSED = "closed", "已归档"


class SwapKind(models.TextChoices):
    SWAP = "swap", "调换"
    STAND_IN = "stand_in", "代理"
    POSTPONE = "postpone", "顺延"


class SwapState(models.TextChoices):
    ASKED = "asked", "征求意见"
    AGREED = "agreed", "单位已同意"
    FILED = "filed", "已备案"
    REFUSED = "refused", "不同意"
    CANCELLED = "cancelled", "已撤回"


class SlipState(models.TextChoices):
    ISSUED = "issued", "待签收"
    ACKNOWLEDGED = "acknowledged", "已签收"
    UNACKNOWLEDGED = "unacknowledged", "到期未签收"
    WITHDRAWN = "withdrawn", "已收回"


class VersionOrigin(models.TextChoices):
    PLANNER = "planner", "自动起草"
    HAND = "hand", "手工保存"
    DISCUSSION = "discussion", "提交讨论"
    PASSED = "passed", "会议通过"
    IMPORT = "import", "导入"


class WishSource(models.TextChoices):
    """Where a wish form came from."""

    FORM = "form", "在线填报"
    IMPORT = "import", "征集表导入"
    STAFF = "staff", "社区代录"
