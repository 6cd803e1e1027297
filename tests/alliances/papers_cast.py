"""Papers for the tests: a slip, a year's table and a red-headed report with every kind of block."""

from typing import Any

HOSTILE = [
    "=1+1",
    '=HYPERLINK("x","y")',
    "+8613800001111",
    "+86 138-0000-1111",
    "-5",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\t=1+1",
    "007",
    "1e5",
    "{=1}",
    "http://example.invalid/",
    "</w:t><w:br/>",
    "#panic() $x$ *b*",
    '"quoted", & <b>',
    " 前后空格 ",
]

SLIP: dict[str, Any] = {
    "kind": "rotation.slip",
    "layout": "form",
    "orientation": "portrait",
    "title": "轮值主席提醒单",
    "number": "同心党建联提〔2026〕3号",
    "head": {"style": "plain", "issuer": "同心社区党建联盟"},
    "date": "2026-03-02",
    "blocks": [
        {"type": "recipient", "text": "县图书馆："},
        {
            "type": "para",
            "text": "根据《年度轮值主席安排表》，贵单位为2026年3月轮值主席，现将有关事项提醒如下。",
        },
        {
            "type": "fields",
            "rows": [
                ["轮值月份", "2026年3月", "轮值方式", "单独轮值"],
                ["协办单位", "县实验小学、同心社会工作服务中心"],
                ["计划主题", "“悦读同心”学雷锋志愿阅读月"],
            ],
        },
        {
            "type": "table",
            "label": "时间安排",
            "columns": [
                {"title": "事项", "width": 40},
                {"title": "最迟日期", "width": 46},
                {"title": "说明", "width": 44, "align": "left"},
            ],
            "rows": [
                ["发出研讨会通知单", "3月9日（星期一）", "签收后3个工作日内"],
                ["召开研讨会", "3月16日（星期一）", "通知发出3日后、5个工作日内"],
                ["开展当月活动", "3月25日（星期三）", ""],
                ["评议打分", "3月30日（星期一）", "活动结束后5日内"],
            ],
        },
        {
            "type": "fields",
            "rows": [
                [
                    "工作要求",
                    "1. 会前听取党员群众意见建议。\n2. 研讨会上共同策划当月活动。\n3. 活动后组织评议。",
                ],
                ["上月情况", "2月轮值主席：县书法家协会、县家政服务行业协会。活动评议92.4分（32票）。"],
                ["可认领需求", "需求231：独居老人送书上门\n需求232：暑期儿童阅读场地"],
            ],
        },
        {"type": "signature", "issuer": "同心社区党支部", "date": "2026年3月2日", "sealed": True},
        {"type": "note", "text": "联系人：李燕红　　电话：13800000000"},
        {
            "type": "receipt",
            "title": "回执",
            "rows": [
                ["签收单位", "县图书馆", "轮值月份", "2026年3月"],
                ["签收人", "", "签收时间", "　　年　　月　　日"],
            ],
        },
    ],
}

_COLUMNS = [
    ("月份", 9), ("轮值方式", 11), ("轮值主席单位", 36), ("负责人", 14),
    ("联络员及电话", 40), ("计划活动主题", 50), ("协办单位", 32), ("备注", 24),
]  # fmt: skip
_SOLO = ["单独", "县民政局", "付燕", "杨欣然 13900005085", "“情暖寒冬、邻里守望”走访慰问", "", ""]
_THREE = [
    "集体",
    "县家政服务行业协会\n县书法家协会\n同心社会工作服务中心",
    "蔡超\n赵爱莲\n周思源",
    "欧阳长河 13800008492\n邵彩霞 13900008826\n叶彩霞 13900003241",
    "重阳敬老：理发、保洁、写寿联",
    "县民政局",
    "",
]

YEAR: dict[str, Any] = {
    "kind": "rotation.plan",
    "layout": "table",
    "orientation": "landscape",
    "title": "同心社区党建联盟2026年度轮值主席安排表",
    "subline": ["编制单位：同心社区党支部", "2025年12月30日联盟会议通过"],
    "date": "2025-12-30",
    "blocks": [
        {
            "type": "table",
            "columns": [{"title": title, "width": width} for title, width in _COLUMNS],
            "rows": [[f"{month}月", *(_THREE if month in (2, 6, 10) else _SOLO)] for month in range(1, 13)],
            "repeat_header": True,
        },
        {"type": "note", "text": "说明：3月与7月经双方协商调换。"},
        {"type": "foot", "items": ["制表人：", "审核人：", "负责人："]},
    ],
}

_TEXT = (
    "各成员单位围绕轮值主席制度，按照年初通过的安排表认真履行职责，主动对接居民需求，共开展研讨3次、活动4场。"
)

REPORT: dict[str, Any] = {
    "kind": "evaluations.assessment",
    "layout": "official",
    "title": "关于2026年第一季度共驻共建工作专项考核评议情况的报告",
    "number": "同心党报〔2026〕1号",
    "head": {"style": "red", "issuer": "同心社区党支部文件", "signer": "李燕红"},
    "date": "2026-04-08",
    "blocks": [
        {"type": "recipient", "text": "城关街道党工委："},
        {"type": "para", "text": _TEXT * 4},
        {"type": "heading", "level": 1, "text": "一、基本情况"},
        {"type": "heading", "level": 2, "text": "（一）轮值履职情况"},
        {"type": "heading", "level": 3, "text": "1. 提醒单签收"},
        {"type": "heading", "level": 4, "text": "（1）按时签收"},
        {"type": "para", "text": _TEXT * 4},
        {"type": "fields", "rows": [["轮值月数", 3], ["轮值单位", 4]]},
        {
            "type": "table",
            "columns": [
                {"title": "月份"},
                {"title": "轮值主席", "width": 30, "align": "left"},
                {"title": "次数"},
            ],
            "rows": [["1月", "县民政局", 1], ["2月", "县书法家协会", None]],
            "total": ["合计", "", 1],
        },
        {"type": "attachment_note", "items": ["2026年第一季度轮值履职一览表", "四项清单汇总"]},
        {"type": "signature", "issuer": "同心社区党支部", "date": "2026年4月8日", "sealed": True},
        {"type": "note", "text": "联系人：李燕红，电话：13800000000"},
        {
            "type": "attachment",
            "no": 1,
            "title": "2026年第一季度轮值履职一览表",
            "blocks": [{"type": "table", "columns": [{"title": "月份"}], "rows": [["1月"]]}],
        },
        {
            "type": "attachment",
            "no": 2,
            "title": "四项清单汇总",
            "blocks": [
                {"type": "para", "text": _TEXT},
                {"type": "pagebreak"},
                {"type": "para", "text": _TEXT},
            ],
        },
        {"type": "receipt", "title": "回执", "rows": [["签收人", ""]], "note": "请于三日内交回。"},
        {"type": "foot", "items": ["制表人：", "审核人："]},
        {"type": "qr", "items": [{"link": "https://example.invalid/b/7KQ2M/", "lines": ["请扫码", "7KQ2M"]}]},
    ],
}


def hostile() -> dict[str, Any]:
    """A table whose every text is one that some format might act on."""
    return {
        "kind": "test.hostile",
        "layout": "table",
        "title": "=1+1 </w:t> #panic()",
        "number": "@1",
        "subline": ["=cmd()", "+1"],
        "blocks": [
            {"type": "recipient", "text": "=1+1"},
            {"type": "fields", "rows": [["-5", "=2"]]},
            {
                "type": "table",
                "columns": [{"title": "=a"}, {"title": "+b"}],
                "rows": [[text, number] for number, text in enumerate(HOSTILE)],
                "total": ["=SUM(A1)", 1],
            },
            {"type": "note", "text": "@note"},
            {"type": "foot", "items": ["=foot"]},
            {"type": "qr", "items": [{"link": "=1+1", "lines": ["=code"]}]},
        ],
    }
