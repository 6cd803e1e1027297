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


class MeetingKind(models.TextChoices):
    SEMINAR = "seminar", "研讨会"
    YEARLY = "yearly", "年初全体联席会"
    QUARTERLY = "quarterly", "季度联席会"
    COMMITTEE = "committee", "大党委会"
    RESIDENT_UNITS = "resident_units", "驻社区单位党组织联席会"
    TWO_NEW = "two_new", "两新组织联席会"
    LIAISONS = "liaisons", "联络员会"


class MeetingState(models.TextChoices):
    PLANNED = "planned", "筹备中"
    NOTICED = "noticed", "已通知"
    HELD = "held", "已召开"
    MINUTED = "minuted", "已形成纪要"
    CANCELLED = "cancelled", "已取消"


class ReplyState(models.TextChoices):
    WAITING = "waiting", "待回复"
    ATTENDING = "attending", "参加"
    LEAVE = "leave", "请假"


class OpinionTheme(models.TextChoices):
    """What residents speak of, in the few words a liaison can choose from on a phone."""

    ENVIRONMENT = "environment", "环境卫生"
    PROPERTY = "property", "物业管理"
    PARKING = "parking", "停车出行"
    SAFETY = "safety", "安全隐患"
    CARE = "care", "养老助残"
    CULTURE = "culture", "文体教育"
    POLICY = "policy", "政策就业"
    OTHER = "other", "其他"


class MonthStep(models.TextChoices):
    """The steps of a month after its slip that somebody of the chair owes by a date."""

    NOTICE = "notice", "发出研讨会通知单"
    SEMINAR = "seminar", "召开研讨会"
    ACTIVITY = "activity", "举办活动"


class TaskState(models.TextChoices):
    OPEN = "open", "待办"
    DONE = "done", "已办结"
    DROPPED = "dropped", "不再办理"


class ActivityKind(models.TextChoices):
    """The "four ones" (seed 004) and the rest."""

    PARTY_DAY = "party_day", "主题党日"
    VOLUNTEERING = "volunteering", "志愿服务"
    JOINT_MEETING = "joint_meeting", "联席会议"
    VISIT = "visit", "走访慰问"
    LECTURE = "lecture", "宣讲培训"
    CULTURE = "culture", "文体活动"
    OTHER = "other", "其他"


class ActivityState(models.TextChoices):
    PLANNED = "planned", "计划中"
    HELD = "held", "已举办"
    RECORDED = "recorded", "已记录"
    CANCELLED = "cancelled", "已取消"
