"""Chinese words of a text and how alike two texts are: a segmenter, rare words count more, cosine."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache

import rjieba

HAN = re.compile(r"[\u4e00-\u9fff]{2,}")
# Words that stand in demands and duties of every kind. One of them in common says nothing about who could serve, but as
# words weigh by rarity in few texts, it would be read as a reason: "走不动" of an old man and the 不动产 of a land
# registry once met in 不动. Two sorts: how people ask, and whom, when and where it is about.
EMPTY = frozenset(
    re.findall(
        r"\S+",
        """
        没有 不能 能不能 可不可以 可以 怎么 什么 哪里 这个 那个 一个 一下 一直 一些 有人 有的 还有 已经 现在 希望 想要 建议 要求 请求 反映 来电 来电人 点单 走访 发现 最好 有点 时候 大家 我们 他们 自己 居民 住户 小区 社区 街道 服务 单位 联盟
        上门 安排 提供 工作 办理 以上 左右 平时 非常 比较 因为 所以 但是 而且 或者 需要 应该 觉得 知道 问题 情况 有关 相关
        能否 是否 帮忙 帮助 方便 不便 不方便 不好 不会 不知 不到 不了 不动 走不动 办法 有时 经常 很多 不少 几个 一次 一户 一家 一起
        老人 孩子 小孩 群众 人员 家里 家门口 门口 附近 地方 东西 生活 时间 最近 早上 白天 晚上 每天 每周 周末
        公司 中心 协会 管理 活动 进行 开展
        """,
    )
)
# A compound is two words of at least two characters each that are written together: 法律援助, not 不动产.
COMPOUND = 4


@lru_cache(maxsize=20_000)
def words_of(text: str) -> tuple[str, ...]:
    """Distinct words of two characters or more, in the order of the text; a compound also as the two it is made of.

    Never anything else from inside a word: 不动 is no word of 不动产, nor 水道 of 下水道.
    """
    found: list[str] = []
    for word in rjieba.cut(text):
        found += [word, *_halves(word)]
    return tuple(dict.fromkeys(word for word in found if HAN.fullmatch(word) and word not in EMPTY))


def _halves(word: str) -> tuple[str, ...]:
    if len(word) < COMPOUND:
        return ()
    inside = frozenset(rjieba.cut_for_search(word))
    for place in range(2, len(word) - 1):
        if word[:place] in inside and word[place:] in inside:
            return word[:place], word[place:]
    return ()


class Lexicon:
    """How much each word weighs: the rarer in a body of texts, the more. A word never seen weighs most."""

    def __init__(self, texts: Iterable[str]) -> None:
        bags = [words_of(text) for text in texts]
        seen = Counter(word for bag in bags for word in bag)
        self._rarest = math.log(1 + len(bags) + 1)
        self._weights = {word: math.log(1 + (len(bags) + 1) / (1 + count)) for word, count in seen.items()}

    def weight(self, word: str) -> float:
        return self._weights.get(word, self._rarest)

    def length(self, words: Sequence[str]) -> float:
        return math.sqrt(math.fsum(self.weight(word) ** 2 for word in words))

    def likeness(self, words: Sequence[str], other: Sequence[str], lengths: float = 0.0) -> float:
        """Cosine of two bags of words, 0 to 1. ``lengths`` is the product of their lengths where it is known."""
        inside = frozenset(other)
        shared = math.fsum(self.weight(word) ** 2 for word in words if word in inside)
        if not shared:
            return 0.0
        return min(1.0, shared / (lengths or self.length(words) * self.length(other)))

    def shared(self, words: Sequence[str], other: Sequence[str], most: int = 2) -> list[str]:
        """The weightiest words of both, none inside another: what a reason quotes."""
        inside = frozenset(other)
        ranked = sorted((w for w in words if w in inside), key=lambda w: (-len(w), -self.weight(w), w))
        chosen: list[str] = []
        for word in ranked:
            if not any(word in longer for longer in chosen):
                chosen.append(word)
        return sorted(chosen, key=lambda w: (-self.weight(w), w))[:most]


def duplicates(
    text: str, others: Iterable[tuple[Hashable, str]], *, floor: float = 0.4, most: int = 5
) -> list[tuple[Hashable, float]]:
    """Keys of those ``others`` (key, text) that probably say the same as ``text``, the most alike first."""
    rows = list(others)
    lexicon = Lexicon(other for _, other in rows)
    words = words_of(text)
    scored = [(key, lexicon.likeness(words, words_of(other))) for key, other in rows]
    near = [(key, value) for key, value in scored if value >= floor]
    return sorted(near, key=lambda pair: (-pair[1], str(pair[0])))[:most]
