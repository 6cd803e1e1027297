"""The words of the foundation: levels, sectors, roles, channels. Values are short English, labels what people read."""

from django.db import models


class Level(models.TextChoices):
    CITY = "city", "市"
    COUNTY = "county", "县区"
    STREET = "street", "街道"
    COMMUNITY = "community", "社区"
    STATION = "station", "小区服务站"


class Sector(models.TextChoices):
    """Kinds of units (design, domain: Unit)."""

    GOVERNMENT = "government", "机关"
    INSTITUTION = "institution", "事业单位"
    STATE_ENTERPRISE = "state_enterprise", "国有企业"
    PRIVATE_ENTERPRISE = "private_enterprise", "非公企业"
    SOCIAL_ORGANISATION = "social_organisation", "社会组织"
    SCHOOL = "school", "学校"
    MEDICAL = "medical", "医疗机构"
    OTHER = "other", "其他"


class DutyMode(models.TextChoices):
    """How a unit chairs (seed 000): alone, or together with others."""

    SOLO = "solo", "单独"
    COLLECTIVE = "collective", "集体"


class Role(models.TextChoices):
    SECRETARY = "secretary", "社区书记"
    STAFF = "staff", "社区工作人员"
    PRESIDENT = "president", "会长"
    LIAISON = "liaison", "单位联络员"
    LEADER = "leader", "单位负责人"
    STATION = "station", "站点负责人"
    OFFICE = "office", "上级办公室"
    ADMINISTRATOR = "administrator", "系统管理员"
    AUDITOR = "auditor", "审计员"


# An appointment is to an organisation or to a member, never both; the role decides which.
MEMBER_ROLES = frozenset({Role.LIAISON, Role.LEADER})
# Roles that act for exactly the organisation they are appointed to.
PLACE_ROLES = frozenset({Role.SECRETARY, Role.STAFF, Role.PRESIDENT, Role.STATION})
# Roles that reach everything below the organisation they are appointed to.
SUBTREE_ROLES = frozenset({Role.OFFICE, Role.ADMINISTRATOR, Role.AUDITOR})
# People who work at a shared office screen: their session ends after 30 idle minutes.
OFFICE_SCREEN_ROLES = frozenset({Role.SECRETARY, Role.STAFF, Role.OFFICE, Role.ADMINISTRATOR, Role.AUDITOR})


class Channel(models.TextChoices):
    INBOX = "inbox", "站内消息"
    EMAIL = "email", "电子邮件"


class MessageState(models.TextChoices):
    WAITING = "waiting", "待发送"
    SENDING = "sending", "发送中"
    SENT = "sent", "已发送"
    FAILED = "failed", "发送失败"


class Via(models.TextChoices):
    """How a step reached the record: paper and telephone count as much as the screen."""

    SCREEN = "screen", "本人在线"
    PAPER = "paper", "纸质，社区代录"
    PHONE = "phone", "电话，社区代录"


class AgreementKind(models.TextChoices):
    JOINT = "joint", "共驻共建协议书"
    TWO_WAY = "two_way", "双向协议书"
    TARGET = "target", "年度目标责任书"


class CommitmentState(models.TextChoices):
    """What became of a member's written promise."""

    OPEN = "open", "待兑现"
    FULFILLED = "fulfilled", "已兑现"
    WAIVED = "waived", "不再考核"


class BulletinKind(models.TextChoices):
    NEWS = "news", "工作动态"
    TASK = "task", "上级任务"
    PLAN = "plan", "工作计划"
    FEEDBACK = "feedback", "评议反馈"


class Visibility(models.TextChoices):
    ALLIANCE = "alliance", "本联盟"
    SUBTREE = "subtree", "本级及以下"
    PUBLIC = "public", "公开"
