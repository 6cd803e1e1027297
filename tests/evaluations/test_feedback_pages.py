"""The month's feedback: written beside the figures, looked at, published, read by all, corrected with a reason."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from zipfile import ZipFile

import pytest
from django.test import Client

from alliances import clock
from alliances.enums import Role
from alliances.models import Appointment, Bulletin, User
from evaluations.models import Feedback
from evaluations.selectors import papers
from evaluations.services import rounds
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import scoring

ClientFor = Callable[[User | None], Client]
WORDS = {"good": "义诊受欢迎。", "mend": "通知要再早两天。"}


@pytest.fixture
def draft(cast: Cast, frozen: Frozen) -> Feedback:
    """March: units 90, 84, 87 and ten residents; settled on the 27th."""
    frozen.to("2026-03-20T18:00")
    round = scoring.open_round(cast)
    scoring.units_vote(cast, round, 90, 84, 87)
    scoring.residents_vote(cast, round, *[80] * 5, *[90] * 5)
    frozen.to("2026-03-27T09:00")
    for _ in range(2):
        rounds.run(clock.now())
    return Feedback.objects.select_related("alliance__organisation", "duty__plan").get()


def url(draft: Feedback, more: str = "") -> str:
    return f"/feedback/{draft.duty_id}/{more}"


def publish(client: Client, draft: Feedback, **words: str) -> str:
    client.post(url(draft), {**WORDS, **words})
    return client.post(url(draft, "publish/"), follow=True).content.decode()


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_president_writes_beside_the_figures_and_looks_before_publishing(
    cast: Cast, draft: Feedback, client_for: ClientFor
) -> None:
    client = client_for(cast.president)
    page = words_of(client.get(url(draft)).content.decode())
    assert "春季义诊进小区 85.8 分 · 良好 有效 13 票，区间 83.4—88.2；单位 87.0；群众 85.0" in page
    assert "发放 13、收回 13、有效 13 张" in page
    assert re.search(r"得分率最低的 \S+：(作风|服务实效) \d+\.\d%", page)
    assert "请于3月30日前通报" in page
    answer = client.post(url(draft), WORDS, follow=True)
    assert answer.redirect_chain[-1][0] == f"{url(draft)}?preview=1"
    preview = words_of(answer.content.decode())
    assert "还没有通报" in preview
    assert "2026年3月轮值评议反馈 各成员单位：" in preview
    assert "义诊受欢迎。" in preview
    assert not Bulletin.objects.exists()
    assert 'data-confirm="通报后全联盟都能看到' in answer.content.decode()
    again = client.get(url(draft)).content.decode()
    assert "通知要再早两天。</textarea>" in again
    done = client.post(url(draft, "publish/"), follow=True).content.decode()
    assert "评议反馈已通报" in done
    stored = Feedback.objects.get()
    assert stored.paper_hash[:8] in done
    assert papers.freeze_paper(stored.paper) == (stored.paper, stored.paper_hash)
    assert Bulletin.objects.get().path == url(draft)


def test_everybody_reads_it_once_it_is_published(cast: Cast, draft: Feedback, client_for: ClientFor) -> None:
    readers = ("liaison", "other_liaison", "leader", "station", "street", "county", "staff")
    for name in readers[:-1]:
        page = client_for(getattr(cast, name)).get(url(draft)).content.decode()
        assert "还没有通报" in page
        assert "85.8" not in page
        assert (
            client_for(getattr(cast, name)).get(f"{url(draft)}?preview=1").content.decode().count("85.8") == 0
        )
        assert client_for(getattr(cast, name)).get(url(draft, "paper.docx")).status_code == 404
    publish(client_for(cast.president), draft)
    for name in readers:
        client = client_for(getattr(cast, name))
        page = client.get(url(draft)).content.decode()
        assert "义诊受欢迎。" in page
        assert "写更正稿" not in page
        assert client.get(url(draft, "paper.pdf")).content[:4] == b"%PDF"
    text = re.search(r'id="chat-text"[^>]*>(.*?)</pre>', page, re.S).group(1)
    assert text.startswith("2026年3月轮值评议反馈\n3月由县图书馆、县文体广电局、县人民医院轮值。")
    assert "“春季义诊进小区”：85.8分（良好，有效13票，±2.4）" in text
    assert text.endswith(url(draft))
    with ZipFile(io.BytesIO(client.get(url(draft, "paper.docx")).content)) as word:
        assert "义诊受欢迎。" in re.sub(r"<[^>]+>", "", word.read("word/document.xml").decode())
    for outsider in (cast.foreign_secretary, cast.foreign_liaison, cast.other_street, cast.auditor):
        assert client_for(outsider).get(url(draft)).status_code == 404
        assert client_for(outsider).get(url(draft, "paper.pdf")).status_code == 404


def test_the_community_reads_the_draft_and_does_not_write_it(
    cast: Cast, draft: Feedback, client_for: ClientFor
) -> None:
    client_for(cast.president).post(url(draft), WORDS)
    for name in ("secretary", "staff"):
        client = client_for(getattr(cast, name))
        page = client.get(url(draft)).content.decode()
        assert "由会长撰写、通报" in page
        assert "义诊受欢迎。" in page
        assert "<textarea" not in page
        preview = client.get(f"{url(draft)}?preview=1").content.decode()
        assert "评议结果反馈如下" in preview
        assert "publish/" not in preview
        assert client.post(url(draft), WORDS).status_code == 403
        assert client.post(url(draft, "publish/")).status_code == 403
    assert Feedback.objects.get().state == "draft"


def test_without_a_president_the_secretary_writes(cast: Cast, draft: Feedback, client_for: ClientFor) -> None:
    Appointment.objects.filter(role=Role.PRESIDENT).update(ends_on=clock.today())
    assert "评议反馈已通报" in publish(client_for(cast.secretary), draft)
    assert Feedback.objects.get().published_by == cast.secretary


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"good": " ", "mend": ""}, "至少写一项"),
        ({"good": "长" * 1001, "mend": "早通知"}, "1000 字以内"),
    ],
)
def test_words_that_cannot_be_kept_stay_in_the_form(
    cast: Cast, draft: Feedback, client_for: ClientFor, words: dict[str, str], sentence: str
) -> None:
    answer = client_for(cast.president).post(url(draft), words)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert words["mend"] in answer.content.decode()
    assert Feedback.objects.get().good == ""


def test_publishing_without_words_is_refused_in_words(
    cast: Cast, draft: Feedback, client_for: ClientFor
) -> None:
    page = client_for(cast.president).post(url(draft, "publish/"), follow=True).content.decode()
    assert "请先写几句" in page
    assert Feedback.objects.get().state == "draft"


def test_hostile_words_stay_words(cast: Cast, draft: Feedback, client_for: ClientFor) -> None:
    page = publish(client_for(cast.president), draft, good='<img src=x onerror="alert(1)">好')
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_a_correction_says_why_and_the_old_one_stays(
    cast: Cast, draft: Feedback, client_for: ClientFor, frozen: Frozen
) -> None:
    client = client_for(cast.president)
    publish(client, draft)
    frozen.forward(days=1)
    for reason in ("", " ", "长" * 201):
        answer = client.post(url(draft, "correct/"), {"reason": reason})
        assert answer.status_code == 422
        assert "更正原因" in answer.content.decode()
    page = client.post(url(draft, "correct/"), {"reason": "漏写了志愿者"}, follow=True).content.decode()
    assert "更正原因：漏写了志愿者" in page
    assert "义诊受欢迎。</textarea>" in page
    again = client.post(url(draft, "correct/"), {"reason": "再改"}, follow=True)
    assert "已经有人在写" in again.content.decode()
    assert Feedback.objects.count() == 2
    # Until the correction is published, everybody still reads the first.
    reader = client_for(cast.other_liaison)
    assert "漏写了志愿者" not in reader.get(url(draft)).content.decode()
    assert "评议反馈已通报" in publish(client, draft, good="义诊受欢迎，志愿者辛苦。")
    new = reader.get(url(draft)).content.decode()
    assert "志愿者辛苦" in new
    assert "更正2026年3月27日通报的第1版。更正原因：漏写了志愿者。" in new
    old = reader.get(f"{url(draft)}?revision=1").content.decode()
    assert "这一版已被更正" in old
    assert "志愿者辛苦" not in old
    with ZipFile(io.BytesIO(reader.get(url(draft, "paper.docx?revision=1")).content)) as word:
        assert "志愿者辛苦" not in re.sub(r"<[^>]+>", "", word.read("word/document.xml").decode())
    for wrong in ("3", "0", "x", "-1"):
        assert reader.get(f"{url(draft)}?revision={wrong}").status_code == 404


@pytest.mark.parametrize("name", ["secretary", "staff", "liaison", "leader", "station", "street"])
def test_only_the_president_corrects(cast: Cast, draft: Feedback, client_for: ClientFor, name: str) -> None:
    publish(client_for(cast.president), draft)
    client = client_for(getattr(cast, name))
    assert client.post(url(draft, "correct/"), {"reason": "改"}).status_code == 403
    assert "写更正稿" not in client.get(url(draft)).content.decode()
    assert Feedback.objects.count() == 1


def test_a_draft_is_no_revision_of_the_public(cast: Cast, draft: Feedback, client_for: ClientFor) -> None:
    client = client_for(cast.president)
    publish(client, draft)
    client.post(url(draft, "correct/"), {"reason": "改"})
    for user in (cast.president, cast.other_liaison):
        assert client_for(user).get(f"{url(draft)}?revision=2").status_code == 404
        assert client_for(user).get(url(draft, "paper.pdf?revision=2")).status_code == 404


def test_a_month_without_results_says_what_it_waits_for(
    cast: Cast, client_for: ClientFor, frozen: Frozen
) -> None:
    frozen.to("2026-03-20T18:00")
    round = scoring.open_round(cast)
    page = client_for(cast.president).get(f"/feedback/{cast.duties[3].pk}/").content.decode()
    assert "评议全部出结果后，由会长写评议反馈并通报" in page
    assert f'href="/rounds/{round.pk}/"' in page
    empty = client_for(cast.liaison).get(f"/feedback/{cast.duties[9].pk}/").content.decode()
    assert "本月还没有评议" in empty
    answer = client_for(cast.president).post(f"/feedback/{cast.duties[9].pk}/", WORDS, follow=True)
    assert "没有待通报的评议反馈" in answer.content.decode()
    assert client_for(cast.president).get(f"/feedback/{cast.foreign_duties[3].pk}/").status_code == 404
