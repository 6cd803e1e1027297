"""What the demo's people write: opinions of residents, reasons, resolutions, plans and records of activities.

Fictional throughout; the matters are those that communities write of in their ledgers.
"""

from __future__ import annotations

from dataclasses import dataclass

from rotation.enums import ActivityKind, OpinionTheme

OPINIONS: tuple[tuple[str, str], ...] = (
    (OpinionTheme.ENVIRONMENT, "小区东门垃圾投放点清运不及时，周末常有满溢，建议增加一次清运。"),
    (OpinionTheme.ENVIRONMENT, "沿街商户门前堆放杂物，影响通行，希望集中整治一次。"),
    (OpinionTheme.ENVIRONMENT, "健身广场旁的绿化带有裸露黄土，建议春季补种。"),
    (OpinionTheme.ENVIRONMENT, "楼后雨水井有异味，请有关单位查看并清掏。"),
    (OpinionTheme.ENVIRONMENT, "个别住户在楼道堆放废品，希望上门劝导。"),
    (OpinionTheme.PROPERTY, "3号楼单元门闭门器损坏，夜间关不严，请物业尽快维修。"),
    (OpinionTheme.PROPERTY, "物业服务内容和收费标准没有公示，建议张榜。"),
    (OpinionTheme.PROPERTY, "老旧小区没有物业，楼道灯坏了不知找谁，希望明确一个报修电话。"),
    (OpinionTheme.PROPERTY, "顶层住户反映屋面渗水，希望协调维修资金。"),
    (OpinionTheme.PROPERTY, "电梯维保记录公示不及时，建议在轿厢内更新。"),
    (OpinionTheme.PARKING, "晚间消防通道被占用停车，建议重新划线并加强提醒。"),
    (OpinionTheme.PARKING, "放学时段学校门口拥堵，建议错峰接送、安排志愿者疏导。"),
    (OpinionTheme.PARKING, "电动自行车充电桩不够，有住户飞线充电，希望再增加一组。"),
    (OpinionTheme.PARKING, "单位内部车位夜间空置较多，能否错时向周边居民开放。"),
    (OpinionTheme.PARKING, "公交站牌被树枝遮挡，老人看不清，请修剪。"),
    (OpinionTheme.SAFETY, "院内一处路灯不亮，老人晚上出行不便。"),
    (OpinionTheme.SAFETY, "有住户阳台外放花盆，存在高空坠物隐患，建议上门提醒。"),
    (OpinionTheme.SAFETY, "希望组织一次燃气安全入户检查，重点看独居老人家庭。"),
    (OpinionTheme.SAFETY, "最近推销保健品的多，建议给老年人讲讲防诈骗。"),
    (OpinionTheme.SAFETY, "楼道灭火器有的已过期，请统一检查更换。"),
    (OpinionTheme.CARE, "独居老人希望每周有人上门看看，帮助代买药品。"),
    (OpinionTheme.CARE, "行动不便的老人办理年审有困难，希望能上门或帮办。"),
    (OpinionTheme.CARE, "建议在小区设一个临时休息座椅点，方便老人歇脚。"),
    (OpinionTheme.CARE, "残疾居民希望了解辅具适配政策。"),
    (OpinionTheme.CARE, "希望定期开展量血压、测血糖等便民义诊。"),
    (OpinionTheme.CULTURE, "双职工家庭孩子放学后无人照看，希望办“四点半”课堂。"),
    (OpinionTheme.CULTURE, "社区图书角图书较旧，希望更新儿童读物。"),
    (OpinionTheme.CULTURE, "广场舞音量大，建议约定时间、配发便携音箱。"),
    (OpinionTheme.CULTURE, "希望多办适合一家人参加的周末活动。"),
    (OpinionTheme.CULTURE, "老年人想学智能手机使用，建议请志愿者手把手教。"),
    (OpinionTheme.POLICY, "灵活就业人员想咨询社保补贴怎样申请。"),
    (OpinionTheme.POLICY, "希望讲一讲城乡居民医保报销的变化。"),
    (OpinionTheme.POLICY, "返乡人员想了解本地企业用工信息。"),
    (OpinionTheme.POLICY, "建议把常用办事事项做成一张明白纸发到户。"),
    (OpinionTheme.OTHER, "社区活动通知最好提前三天在微信群发布。"),
    (OpinionTheme.OTHER, "希望活动安排在周末或晚上，上班族也能参加。"),
    (OpinionTheme.OTHER, "意见箱开箱次数少，建议每周开一次并公布办理情况。"),
)

LEAVE_REASONS = (
    "参加县里会议，时间冲突。",
    "联络员外出培训，本单位意见已书面报送。",
    "正值业务高峰，人手安排不开。",
    "主要负责同志出差，委托社区代为通报意见。",
    "下乡入户，当天不能返回。",
    "单位迎检，抽不出人员。",
)

PREPARE = "请各单位会前走访联系的居民和党员，带上征求到的意见建议，并考虑可以提供的场地、人员和物资。"

# Tasks of the minutes: {theme} is the month's.
CHAIR_TASK = "拟定“{theme}”活动方案，明确分工后发各单位"
COMMUNITY_TASK = "张贴活动通知，发动居民报名，做好现场登记"
UNIT_TASKS = (
    "提供折叠桌椅和遮阳棚，活动前一天送到现场",
    "提供音响和话筒，负责现场调试",
    "安排3名志愿者负责现场引导和秩序",
    "准备宣传资料，活动前印制完成",
    "负责活动现场的应急救护保障",
    "联系本单位专业人员参加现场咨询",
)
FOLLOW_UP_TASK = "核实“{opinion}”，会同有关单位提出办理意见并答复居民"

RESULTS = (
    "已按要求办结。",
    "已办理，并向社区反馈。",
    "物资已送到现场，双方清点签字。",
    "已联系有关单位现场查看，正在按计划整改，居民表示认可。",
    "已完成，居民代表现场确认。",
)

SUMMARIES = (
    "会议通报了会前征求到的意见建议，围绕“{theme}”协商了本月活动。一致同意于{day}在{place}举办，轮值主席单位牵头，"
    "其余单位按各自所长提供人员和物资。对居民反映集中的事项，逐项明确了责任单位和时限。",
    "与会单位逐一发言，认为“{theme}”贴近当前群众需要。议定活动时间为{day}，地点为{place}。会议要求活动前把通知发到每个楼栋，"
    "活动后及时做好评议，办不了的意见要说明原因。",
    "会议听取了上月工作情况，研究了“{theme}”的内容和分工，定于{day}在{place}开展。各单位表示，能提供的场地、人员、物资随时调用；"
    "社区负责统一登记、统一回访。",
)


@dataclass(frozen=True)
class Story:
    """An activity: what kind, where, what was planned, what came of it. ``words``: which themes it suits."""

    words: tuple[str, ...]
    kind: str
    place: str
    plan: str
    summary: str


STORIES: tuple[Story, ...] = (
    Story(
        ("走访", "慰问"),
        ActivityKind.VISIT,
        "辖区各小区",
        "分5个小组入户，每组由轮值单位、社区和一家成员单位的同志组成，慰问低保、独居老人和残疾人家庭，带去米面油和年画，"
        "同时登记家中水电气安全和生活困难。",
        "入户慰问困难家庭，登记急需解决的事项，当场能办的当场办理，其余转入群众需求清单。",
    ),
    Story(
        ("消防", "楼道"),
        ActivityKind.VOLUNTEERING,
        "各小区楼道",
        "消防员讲解家庭防火和电动自行车充电安全，志愿者分片清理楼道杂物，最后组织一次灭火器实操。",
        "清理楼道堆放杂物，检查灭火器，居民现场学习灭火器使用，发现的飞线充电已逐户提醒。",
    ),
    Story(
        ("展演", "文艺"),
        ActivityKind.CULTURE,
        "社区文化广场",
        "居民文艺队、成员单位职工和县文化馆老师同台，节目12个，穿插政策有奖问答。",
        "居民自编自演节目12个，现场气氛热烈，政策问答发放宣传资料，老人座位和饮水由志愿者保障。",
    ),
    Story(
        ("春运", "驿站"),
        ActivityKind.VOLUNTEERING,
        "客运站暖心驿站",
        "设热水、药箱、充电、问路四个服务台，志愿者分三班值守，帮助老人和带孩子的旅客进站。",
        "驿站服务返乡群众，提供热水、问询和行李帮扶，旅客留言表示感谢。",
    ),
    Story(
        ("补贴", "防非"),
        ActivityKind.LECTURE,
        "社区党群服务中心",
        "讲解惠民惠农补贴“一卡通”查询办法，结合案例讲防范非法集资，设咨询台现场答疑。",
        "集中宣讲后逐人答疑，帮助老年居民查询补贴到账情况，收集问题转有关单位答复。",
    ),
    Story(
        ("万福", "书法", "春联"),
        ActivityKind.CULTURE,
        "社区党群服务中心一楼大厅",
        "书法家现场书写春联和福字，志愿者送到行动不便的老人家中，同时设社工咨询台，登记节日期间需要关照的家庭。",
        "现场书写春联、福字送给居民，为行动不便的老人送福上门，登记节日期间需关照的家庭。",
    ),
    Story(
        ("春风", "招聘"),
        ActivityKind.OTHER,
        "社区广场",
        "组织本地企业到社区设台招工，设政策咨询、技能培训报名、劳动维权三个窗口，现场直播带岗。",
        "企业现场提供岗位，求职居民登记意向，社区跟进回访到岗情况。",
    ),
    Story(
        ("元宵", "迎新春", "游园"),
        ActivityKind.CULTURE,
        "社区文化广场",
        "设猜灯谜、包元宵、非遗剪纸、儿童绘画等摊位，各单位各认一个摊位，煮好的元宵送到独居老人家。",
        "居民同猜灯谜、同包元宵，志愿者把热元宵送到独居老人家中。",
    ),
    Story(
        ("护学", "摩电", "交通"),
        ActivityKind.VOLUNTEERING,
        "学校门口及周边路口",
        "开学第一周早晚高峰设护学岗，交警现场讲解电动自行车佩戴头盔和“一盔一带”，为家长办理号牌咨询。",
        "护学岗早晚值守，学校门口秩序明显好转，向家长讲解头盔佩戴和规范停放。",
    ),
    Story(
        ("社会工作",),
        ActivityKind.VOLUNTEERING,
        "社区文化广场",
        "围绕社会工作宣传周，设心理关爱、家庭教育、困难帮扶、志愿者招募四个咨询台，社工带领居民做邻里互助游戏。",
        "社工现场接待咨询，新登记一批志愿者，对需要长期关注的家庭建立联系卡。",
    ),
    Story(
        ("水日", "节水"),
        ActivityKind.LECTURE,
        "社区广场",
        "现场检测居民自带水样，讲解节水小窍门，检修登记居民家中跑冒滴漏，组织孩子参观水厂。",
        "免费检测水样，登记入户检修需求，孩子们参观水厂后写下节水约定。",
    ),
    Story(
        ("家庭", "妇女"),
        ActivityKind.LECTURE,
        "社区妇女之家",
        "“最美家庭”讲家风，律师讲婚姻家庭和反家暴法律知识，设一对一咨询，医生做女性健康义诊。",
        "最美家庭分享家风故事，律师和医生现场接待咨询，需要跟进的由妇联专人联系。",
    ),
    Story(
        ("消费", "食品"),
        ActivityKind.LECTURE,
        "农贸市场入口",
        "设食品快检车，居民可自带食材检测；讲解预付卡消费和保健品骗局，现场受理消费投诉。",
        "快检食材并公布结果，现场受理消费投诉，对市场计量器具进行抽查。",
    ),
    Story(
        ("植树", "园艺"),
        ActivityKind.VOLUNTEERING,
        "小区空闲绿地",
        "各单位认领地块补种苗木，园艺师教居民养护，孩子们挂上认养牌，后续由楼栋长组织浇水。",
        "补种苗木并挂上认养牌，园艺课堂教授养护办法，后续养护由楼栋长排班。",
    ),
    Story(
        ("雷锋", "志愿", "便民"),
        ActivityKind.VOLUNTEERING,
        "社区文化广场",
        "设理发、磨刀、小家电维修、义诊、法律咨询、拍证件照等摊位，行动不便的居民由志愿者上门服务。",
        "便民摊位服务居民，小家电维修和理发最受欢迎，为行动不便的老人上门理发。",
    ),
    Story(
        ("中医",),
        ActivityKind.LECTURE,
        "社区卫生服务站",
        "中医师坐诊把脉、推拿体验，教做八段锦，讲春季养生和药食同源，发放香囊。",
        "中医师坐诊义诊，居民学做八段锦，建立慢病随访名单。",
    ),
    Story(
        ("审判", "庭审", "法"),
        ActivityKind.LECTURE,
        "社区议事厅",
        "巡回审理一起邻里纠纷案件，居民旁听，庭后法官以案释法，设诉讼咨询台。",
        "居民旁听庭审，法官以案释法，现场解答邻里、物业纠纷咨询。",
    ),
)
GENERAL = Story(
    (),
    ActivityKind.VOLUNTEERING,
    "社区文化广场",
    "轮值单位牵头，各单位按所长设服务台，社区负责登记和引导，行动不便的居民由志愿者上门服务。",
    "各单位设服务台服务居民，对当场不能解决的事项逐件登记、明确答复时间。",
)


def story_of(theme: str) -> Story:
    """The activity that suits a month's theme."""
    return next((story for story in STORIES if any(word in theme for word in story.words)), GENERAL)


# The circle: (day, kind, visibility, title, body), {place} is the community.
NEWS: tuple[tuple[str, str, str, str, str], ...] = (
    (
        "2026-01-08",
        "plan",
        "alliance",
        "{place}党建联盟2026年工作计划",
        "一、坚持轮值主席制，12个月的轮值安排已在年度全体联席会上通过。\n二、每月一次研讨会、至少一次活动，活动后做好评议。\n"
        "三、用好资源、需求、认领、验收四项清单，件件有回音。\n四、每季度末形成专项考核评议报告。",
    ),
    (
        "2026-02-12",
        "news",
        "alliance",
        "节前安全提醒",
        "春节将至，请各单位关好门窗水电，值班电话保持畅通。居民家中老人多、出租户多的楼栋，社区网格员和联系单位一起再走一遍。",
    ),
    (
        "2026-03-05",
        "news",
        "public",
        "学雷锋，邻里情：{place}志愿服务月开始了",
        "三月里，每个周末在社区文化广场都有便民服务：理发、磨刀、小家电维修、义诊、法律咨询。行动不便的老人，可打社区电话预约上门。",
    ),
)
STAGE_NEWS: tuple[tuple[str, str, str, str, str], ...] = (
    (
        "2026-01-20",
        "news",
        "public",
        "寒假图书角开放时间",
        "寒假期间，社区图书角每天9:00—17:00开放，县图书馆新送来少儿读物300册，欢迎孩子们来读书。",
    ),
    (
        "2026-02-26",
        "task",
        "alliance",
        "转发：关于开展学雷锋志愿服务月活动的通知",
        "上级要求：三月份各社区结合轮值主席制，组织成员单位开展一次以上便民志愿服务，活动情况于月底前报送。请各单位联系人留意本月活动安排。",
    ),
    (
        "2026-03-24",
        "task",
        "alliance",
        "转发：关于报送第一季度共驻共建工作情况的通知",
        "请各单位于4月1日前核对本单位一季度参加会议、活动和认领项目的记录，有出入的与社区工作人员联系更正。"
        "季度专项考核评议报告据此形成，不再另要材料。",
    ),
)
