"""The words of the four lists. Values are short English, labels what the offices' sheets and people say."""

from django.db import models


class ResourceKind(models.TextChoices):
    VENUE = "venue", "场地"
    PEOPLE = "people", "人才"
    MATERIAL = "material", "物资"
    SERVICE = "service", "服务"
    INFORMATION = "information", "信息"


class ResourceState(models.TextChoices):
    LISTED = "listed", "可提供"
    PAUSED = "paused", "暂停"
    WITHDRAWN = "withdrawn", "已撤下"


class BookingState(models.TextChoices):
    ASKED = "asked", "待确认"
    CONFIRMED = "confirmed", "已确认"
    USED = "used", "已使用"
    DECLINED = "declined", "未同意"
    CANCELLED = "cancelled", "已取消"


# Bookings that hold their place: what the capacity of a venue is counted against.
BOOKING_HOLDS = (BookingState.ASKED, BookingState.CONFIRMED, BookingState.USED)


class DemandSource(models.TextChoices):
    """How a demand reached the alliance (seed 000 and the county's list)."""

    VISIT = "visit", "入户走访"
    WECHAT = "wechat", "居民微信群"
    HOTLINE_12345 = "hotline_12345", "12345转办"
    ONLINE = "online", "线上点单"
    WISH = "wish", "微心愿"
    MAILBOX = "mailbox", "民情信箱"
    HOTLINE = "hotline", "热线电话"
    OPINION_BOX = "opinion_box", "意见箱"
    STATION = "station", "站点接待"
    UNIT = "unit", "单位提出"
    OTHER = "other", "其他"


class Urgency(models.TextChoices):
    NORMAL = "normal", "一般"
    SOON = "soon", "较急"
    URGENT = "urgent", "紧急"


class DemandState(models.TextChoices):
    SUBMITTED = "submitted", "待受理"
    OPEN = "open", "待认领"
    CLAIMED = "claimed", "办理中"
    SERVED = "served", "待验收"
    CLOSED = "closed", "已办结"
    DECLINED = "declined", "不予受理"
    MERGED = "merged", "已合并"
    WITHDRAWN = "withdrawn", "已撤回"
    UNRESOLVED = "unresolved", "未能解决"


# Reviewed demands: what members and offices above may read. The rest is between the author and the office.
DEMAND_READABLE = (
    DemandState.OPEN,
    DemandState.CLAIMED,
    DemandState.SERVED,
    DemandState.CLOSED,
    DemandState.UNRESOLVED,
)
# Demands whose state follows from their claims.
DEMAND_IN_HAND = (DemandState.OPEN, DemandState.CLAIMED, DemandState.SERVED, DemandState.CLOSED)
# Demands that will not move any more unless a claim is reopened.
DEMAND_ENDED = (
    DemandState.CLOSED,
    DemandState.DECLINED,
    DemandState.MERGED,
    DemandState.WITHDRAWN,
    DemandState.UNRESOLVED,
)


class UnresolvedReason(models.TextChoices):
    """Why a demand is given up: a short list, with a sentence for the author beside it."""

    NO_UNIT = "no_unit", "多次派单无单位能够承接"
    BEYOND = "beyond", "超出联盟能力，已报上级"
    POLICY = "policy", "现行政策不支持"
    MONEY = "money", "所需资金暂无来源"
    OTHER_WAY = "other_way", "已由其他途径解决"
    AUTHOR = "author", "需求人不再需要或联系不上"


class OfferState(models.TextChoices):
    OFFERED = "offered", "待回复"
    TAKEN = "taken", "已接单"
    DECLINED = "declined", "不能承接"
    LAPSED = "lapsed", "逾期未回复"


class ClaimPart(models.TextChoices):
    LEAD = "lead", "牵头"
    JOINT = "joint", "联合"


class ClaimState(models.TextChoices):
    TAKEN = "taken", "已认领"
    IN_SERVICE = "in_service", "办理中"
    DELIVERED = "delivered", "待验收"
    RETURNED = "returned", "整改中"
    ACCEPTED = "accepted", "已办结"
    HANDED_BACK = "handed_back", "已退回"


# Claims that stand: everything but those handed back.
CLAIM_STANDING = (
    ClaimState.TAKEN,
    ClaimState.IN_SERVICE,
    ClaimState.DELIVERED,
    ClaimState.RETURNED,
    ClaimState.ACCEPTED,
)
# Claims on which the unit still has something to do.
CLAIM_WORKING = (ClaimState.TAKEN, ClaimState.IN_SERVICE, ClaimState.RETURNED)
# Not delivered yet: past their deadline they are 已逾期, as the county counts them; what is being mended is 整改中.
CLAIM_UNDELIVERED = (ClaimState.TAKEN, ClaimState.IN_SERVICE)
OVERDUE_LABEL = "已逾期"  # derived from due_on, never a state


class ExtensionState(models.TextChoices):
    ASKED = "asked", "待批"
    GRANTED = "granted", "同意"
    REFUSED = "refused", "不同意"


class Verdict(models.TextChoices):
    PASSED = "passed", "合格"
    MENDED = "mended", "整改后合格"
    FAILED = "failed", "不合格"


class CallBackState(models.TextChoices):
    DUE = "due", "待回访"
    ANSWERED = "answered", "已回访"
    UNREACHABLE = "unreachable", "联系不上"


class CallBackMethod(models.TextChoices):
    PHONE = "phone", "电话回访"
    VISIT = "visit", "上门回访"
    ON_SITE = "on_site", "现场查看"
    WECHAT = "wechat", "微信回访"
    LINK = "link", "扫码评价"


class Satisfaction(models.TextChoices):
    VERY_GOOD = "very_good", "非常满意"
    GOOD = "good", "满意"
    FAIR = "fair", "基本满意"
    BAD = "bad", "不满意"
    UNKNOWN = "unknown", "不了解"


# Counted as satisfied (design, scores); the stricter share leaves FAIR out, UNKNOWN is in no denominator.
SATISFIED = (Satisfaction.VERY_GOOD, Satisfaction.GOOD, Satisfaction.FAIR)
SATISFIED_STRICTLY = (Satisfaction.VERY_GOOD, Satisfaction.GOOD)

# The two-level categories offered before an office has any of its own (大类: 小项). Imports add what they bring.
CATEGORIES: dict[str, tuple[str, ...]] = {
    "民政帮扶": ("微心愿", "居家养老", "临时救助", "助餐", "助残", "适老化改造"),
    "交通出行": ("停车", "治堵", "公交", "护学"),
    "文化": ("文体活动", "文艺演出", "图书借阅", "非遗传承"),
    "房屋设施": ("房屋维修", "供暖", "管网", "供水", "电梯", "路灯"),
    "安全": ("消防", "治安巡逻", "电动车充电", "反诈", "用电", "用气"),
    "环境": ("噪声", "环境卫生", "绿化养护", "油烟", "垃圾分类", "楼道堆物"),
    "教育": ("家庭教育", "课后托管", "老年教育", "技能培训", "入学咨询"),
    "经济": ("就业", "创业", "惠企政策", "用工", "电商"),
    "法律": ("纠纷调解", "法律咨询", "法律援助"),
    "卫生健康": ("心理疏导", "慢病管理", "健康讲座", "家庭医生", "义诊", "急救培训"),
    "政务服务": ("证照代办", "医保社保"),
}
# Kinds whose demands are sensitive unless the office says otherwise: health, poverty, children (design, trust).
SENSITIVE_CATEGORIES = frozenset(
    {
        ("民政帮扶", "临时救助"),
        ("民政帮扶", "助残"),
        ("民政帮扶", "微心愿"),
        ("教育", "家庭教育"),
        ("教育", "课后托管"),
        ("教育", "入学咨询"),
        ("卫生健康", "心理疏导"),
        ("卫生健康", "慢病管理"),
        ("卫生健康", "家庭医生"),
        ("法律", "法律援助"),
    }
)
