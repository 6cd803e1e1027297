"""Standing themes of the twelve months and how well a unit fits them (pure).

The themes are those that the 2025 tables of the demo county and the seed documents use for each month. A unit
fits by its words (name, planned theme, resources offered) more than by its sector.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from .problem import Candidate

FIT_MAX = 3  # two for a word of the theme, one for the sector


@dataclass(frozen=True)
class StandingTheme:
    title: str
    words: tuple[str, ...]
    sectors: tuple[str, ...] = ()


def _theme(title: str, words: str, sectors: str = "") -> StandingTheme:
    return StandingTheme(title, tuple(words.split()), tuple(sectors.split()))


# The first of a month is used when nothing fits better.
THEMES: dict[int, tuple[StandingTheme, ...]] = {
    1: (
        _theme("春节前走访慰问", "走访 慰问 困难 救助 低保 年货 慈善 民政", "机关 国有企业"),
        _theme("冬季供暖与春运服务", "供暖 测温 春运 交通运输 道路运输"),
    ),
    2: (
        _theme("迎新春、闹元宵", "福 春联 元宵 年货 书法 戏曲 非遗 文化", "社会组织"),
        _theme("春风行动就业服务", "春风行动 招聘 就业 岗位 人力资源"),
    ),
    3: (
        _theme("弘扬雷锋精神，志愿服务进社区", "雷锋 志愿 便民 义诊 社工 社会工作", "社会组织"),
        _theme("“三八”妇女维权与家庭建设", "妇女 妇联 巾帼 最美家庭"),
        _theme("植树节绿化家园", "植树 绿化 园林 园艺 苗木"),
        _theme("世界水日节水宣传", "世界水日 水质 自来水 节水"),
        _theme("消费者权益日放心消费", "消费 市场监督 食品 诚信"),
    ),
    4: (
        _theme("世界读书日全民阅读", "阅读 读书 图书 书香", "学校 事业单位"),
        _theme("爱国卫生运动", "卫生 健康 接种 疾病预防 环境 清运"),
        _theme("清明文明祭扫、缅怀先烈", "祭扫 烈士 退役 红色 老兵"),
    ),
    5: (
        _theme("“五四”青年志愿服务", "青年 共青团 团县委 学生", "学校"),
        _theme("民法典宣传月", "民法典 普法 法律 律师 司法"),
        _theme("防灾减灾日演练", "防灾 减灾 应急 急救 救护"),
        _theme("全国助残日关爱行动", "助残 残联 残疾人 残健 辅具"),
    ),
    6: (
        _theme("“六一”关爱儿童", "六一 儿童 少年 红领巾 幼儿 妇幼", "学校"),
        _theme("六五环境日清洁家园", "环境日 环保 垃圾 城市管理"),
        _theme("安全生产月宣传", "安全生产 应急 隐患 燃气"),
    ),
    7: (
        _theme("“七一”主题党日", "七一 党课 党员 入党誓词", "机关"),
        _theme("暑期平安与关爱", "暑期 暑假 七彩假期 夏夜 巡防"),
    ),
    8: (
        _theme("“八一”双拥共建", "八一 双拥 退役 老兵 军", "机关"),
        _theme("全民健身日活动", "健身 体育 羽毛球 广场舞 围棋"),
        _theme("防汛与安全用电", "防汛 抢险 排涝 供电 用电"),
    ),
    9: (
        _theme("开学护学与教育服务", "开学 护学 教育 学生 招生 培训", "学校"),
        _theme("中华慈善日爱心帮扶", "慈善 助餐 助老 救助 捐"),
    ),
    10: (
        _theme("重阳敬老", "重阳 敬老 老年 养老 助老 长者 健步", "社会组织"),
        _theme("国庆文化惠民", "国庆 文化 展演 文明实践 影像"),
    ),
    11: (
        _theme("119消防安全宣传月", "消防 119 楼道 物业 电动自行车", "国有企业"),
        _theme("医保参保与健康服务", "参保 医保 医疗保障 药品 医药"),
    ),
    12: (
        _theme("国家宪法日普法宣传", "宪法 普法 法律 律师 法院 司法", "机关"),
        _theme("国际志愿者日暨年终评议", "志愿者 评议 诚信"),
    ),
}


def _score(theme: StandingTheme, text: str, sector: str) -> int:
    return 2 * any(word in text for word in theme.words) + (sector in theme.sectors)


@lru_cache(maxsize=8192)
def _best(text: str, sector: str, month: int) -> tuple[int, str]:
    scored = [(_score(theme, text, sector), -place) for place, theme in enumerate(THEMES[month])]
    score, place = max(scored)
    return score, THEMES[month][-place].title


def _text(unit: Candidate) -> str:
    return " ".join((unit.name, unit.theme, *unit.resources))


def fit(unit: Candidate, month: int) -> int:
    """0..FIT_MAX: how well the unit's words and sector suit the best of the month's themes."""
    return _best(_text(unit), unit.sector, month)[0]


def standing_theme(month: int, unit: Candidate | None = None) -> str:
    """The month's standing theme, the one that suits the unit best if one is given."""
    return THEMES[month][0].title if unit is None else _best(_text(unit), unit.sector, month)[1]
