"""What residents ask for in the demo and what becomes of it. Everybody is fictional.

``STAGE`` is the community whose people the visitor can be: on 31 March every kind of work of the loop lies on one of their
desks. ``duty`` and ``coming`` are the units on duty this month and next. ``ELSEWHERE`` happens in the others.
"""

from __future__ import annotations

from datetime import date

from demands.enums import Satisfaction, Urgency
from demands.services.demo.story import QR, UNIT, Course, step

GOOD, VERY_GOOD, BAD = Satisfaction.GOOD, Satisfaction.VERY_GOOD, Satisfaction.BAD
POLICE, HOUSING = "县公安局", "县住房和城乡建设局"


def day(month: int, number: int) -> date:
    return date(2026, month, number)


DONE = (
    Course(
        day(1, 7), QR, ("安全", "电动车充电"),
        "3号楼下只有一组充电桩，晚上排不上队，有人从窗户甩线下来充电，看着害怕。",
        (
            step(1, "open"),
            step(1, "take", unit=POLICE, measures="入户提醒，清理飞线，与社区一起约谈反复飞线的住户"),
            step(1, "take", unit="县社会工作协会", measures="组织楼栋长轮流劝导，收集加装充电桩的意见", part="joint"),
            step(3, "note", unit="县社会工作协会", words="走访42户，37户同意在车棚东侧加装充电桩。"),
            step(4, "deliver", unit=POLICE, volunteers=4, result="清理飞线9处"),
            step(1, "deliver", unit="县社会工作协会", volunteers=12, result="加装充电桩两组，已通电"),
            step(1, "accept", unit=POLICE),
            step(0, "accept", unit="县社会工作协会"),
            step(2, "answer", satisfaction=VERY_GOOD, opinion="桩子装得快，楼下清净了"),
            step(0, "answer", satisfaction=GOOD, opinion="都好"),
        ),
        "沈玉兰", "13800007101", key="charging",
    ),
    Course(
        day(1, 12), "slip", ("环境", "楼道堆物"),
        "2单元四楼半平台堆着旧沙发和纸箱，老人上下楼要侧着身子走。",
        (
            step(1, "open"),
            step(1, "take", unit="县家政服务行业协会", measures="上门协商，安排车辆清运大件"),
            step(4, "deliver", unit="县家政服务行业协会", volunteers=3),
            step(1, "send_back", unit="县家政服务行业协会", to_mend="五楼平台还有两袋建筑垃圾没有清走"),
            step(2, "deliver", unit="县家政服务行业协会", volunteers=3, result="四、五楼平台全部清空"),
            step(1, "accept", unit="县家政服务行业协会", mended="建筑垃圾已清走，平台已冲洗"),
            step(2, "answer", satisfaction=GOOD, opinion="现场查看，楼道畅通"),
        ),
        key="landing",
    ),
    Course(
        day(1, 15), "wish", ("民政帮扶", "微心愿"),
        "独居，眼睛不好，想有一副老花镜和一盏亮一点的台灯。",
        (
            step(1, "open", hall=False),
            step(0, "offer", units=("县民政局", "县图书馆"), note="微心愿，春节前送到为好"),
            step(1, "say_no", unit="县图书馆", reason="本月认领的微心愿已满，下一批优先"),
            step(1, "take", unit="县民政局", measures="配老花镜和台灯，春节前送上门"),
            step(1, "release", unit="县民政局"),
            step(5, "deliver", unit="县民政局", volunteers=2),
            step(1, "accept", unit="县民政局"),
            step(1, "answer", satisfaction=VERY_GOOD, opinion="灯很亮，看得清药盒了"),
        ),
        "葛素芬", "13900007102", key="lamp",
    ),
    Course(
        day(1, 20), "phone", ("房屋设施", "电梯"),
        "六楼住户，腿脚不好，问能不能给老楼加装一部电梯。",
        (
            step(1, "open"),
            step(3, "hand_up", note="加装电梯需专项资金和规划意见，社区联盟内没有能承接的单位"),
            step(12, "give_up", why="money", sentence="加装电梯已列入街道年度摸底，资金落实前暂不能办；先为您登记爬楼机借用。"),
        ),
        "范国平", "13800007103", station=2, key="lift",
    ),
    Course(
        day(2, 3), QR, ("房屋设施", "路灯"),
        "小区北门到菜市场一段没有路灯，晚上买菜回来摔过人。",
        (
            step(1, "open"),
            step(0, "share", to="street"),
            step(2, "take", unit=HOUSING, measures="现场勘查，增设太阳能路灯"),
            step(5, "deliver", unit=HOUSING, volunteers=2, result="安装太阳能路灯4盏"),
            step(1, "accept", unit=HOUSING),
            step(1, "answer", satisfaction=BAD, opinion="第三盏灯两天就不亮了", follow_up="社区邹立新联系住建局三日内更换"),
            step(3, "deliver", unit=HOUSING, volunteers=1, result="更换灯头和电池，连看三晚正常"),
            step(1, "accept", unit=HOUSING),
            step(1, "answer", satisfaction=GOOD, opinion="这回亮了"),
        ),
        "谢家明", "13900007104", urgency=Urgency.SOON, key="lights",
    ),
    Course(
        day(2, 9), "visit", ("教育", "家庭教育"),
        "孩子上初一，春节前后总抱着手机，想学学怎么跟孩子商量。",
        (
            step(1, "open"),
            step(1, "take", unit="县实验小学", measures="开一堂家长课，留心理老师的预约时间"),
            step(1, "extend", unit="县实验小学", days=15, reason="寒假教师未到岗，开学后安排"),
            step(1, "grant", unit="县实验小学"),
            step(18, "deliver", unit="县实验小学", volunteers=4, result="家长课到场26人"),
            step(1, "accept", unit="县实验小学"),
            step(2, "answer", satisfaction=GOOD),
        ),
        "鲁婷婷", "13800007105", station=3, key="parents",
    ),
    Course(
        day(2, 26), "visit", ("民政帮扶", "临时救助"),
        "户主住院，家里两个老人，眼下买药和生活费周转不开。",
        (
            step(0, "open", hall=False),
            step(0, "offer", units=("县民政局",), note="请尽快入户核实"),
            step(1, "take", unit="县民政局", measures="入户核实，办理临时救助，联系慈善物资"),
            step(0, "release", unit="县民政局"),
            step(4, "deliver", unit="县民政局", volunteers=2, result="临时救助金已发放，送米面油一份"),
            step(1, "accept", unit="县民政局"),
            step(1, "answer", satisfaction=VERY_GOOD, opinion="解了燃眉之急"),
        ),
        "邹海燕", "13800007106", urgency=Urgency.URGENT, key="aid",
    ),
    Course(
        day(3, 5), "phone", ("经济", "就业"),
        "在网上交了钱没收到货，想请社区去找卖家退款。",
        (
            step(
                1, "decline",
                reason="网购纠纷请打12315或在平台申诉，社区联盟不能代为处理；需要帮忙填写申诉材料的，请带手机到社区一楼窗口。",
            ),
        ),
        "潘晓东", "13900007107", station=None, key="refund",
    ),
    Course(
        day(3, 9), QR, ("交通出行", "停车"),
        "消防通道被私家车占着，救护车上回绕了一大圈。",
        (
            step(1, "open"),
            step(1, "take", unit=POLICE, measures="划线立牌，夜间巡查劝离，联系挪车"),
            step(6, "deliver", unit=POLICE, volunteers=3, result="重新划线，立禁停牌6块"),
            step(1, "accept", unit=POLICE),
            step(1, "answer", satisfaction=GOOD),
            step(0, "answer", satisfaction=GOOD, opinion="通道没有再停车"),
        ),
        "韦立新", "13800007108", urgency=Urgency.SOON, key="fire-lane",
    ),
    Course(
        day(3, 9), QR, ("交通出行", "停车"),
        "通道停满了车，消防车进不来，请管一管。",
        (step(1, "merge", into="fire-lane"),),
        key="fire-lane-again",
    ),
    Course(
        day(3, 14), QR, ("文化", "图书借阅"),
        "想问问图书馆能不能送书上门，老人走不动。",
        (step(1, "withdraw"),),
        "彭丽娟", station=1, key="books",
    ),
)  # fmt: skip

# What waits on 31 March, and for whom.
OPEN = (
    Course(
        day(3, 2), "phone", ("安全", "用电"),
        "5号楼配电箱门锁坏了，孩子放学从旁边过，怕碰着。",
        (
            step(0, "open"),
            step(1, "take", unit="县实验小学", measures="联系电工更换门锁，放学时段安排老师值守"),
            step(1, "note", unit="县实验小学", words="已加临时挂锁，等配件。"),
        ),
        "苏春华", "13900007109", urgency=Urgency.URGENT, station=4, key="fuse-box",
    ),
    Course(
        day(3, 10), QR, ("卫生健康", "心理疏导"),
        "照顾失能的母亲三年了，夜里睡不着，想找人说说话。",
        (
            step(1, "open"),
            step(1, "share", to="county", words="一位长期照护家人的居民需要心理疏导，每周一次，可电话。"),
            step(3, "take", unit="县心理咨询师协会", measures="安排固定咨询师，每周一次电话疏导"),
        ),
        "秦雪梅", "13800007110", key="carer",
    ),
    Course(
        day(3, 12), "station", ("环境", "绿化养护"),
        "健身角旁边的冬青枯了一片，露着土，一刮风全是灰。",
        (
            step(1, "open"),
            step(1, "take", unit="县图书馆", measures="组织志愿者补种"),
            step(4, "hand_back", unit="县图书馆", reason="补种需园林部门的苗木和水车，本馆不具备条件"),
        ),
        "曹永清", "13900007111", station=5, key="hedge",
    ),
    Course(
        day(3, 16), "visit", ("法律", "纠纷调解"),
        "楼上漏水泡了天花板，两家谈不拢，想请人调解。",
        (
            step(1, "open"),
            step(1, "take", unit="县司法局", measures="现场查看，组织两户调解，出具调解协议"),
            step(4, "note", unit="县司法局", words="已组织一次调解，双方同意先做闭水试验。"),
            step(4, "extend", unit="县司法局", days=10, reason="闭水试验需72小时，楼上住户出差，4月上旬才能回来"),
        ),
        "严世杰", "13800007112", urgency=Urgency.SOON, station=3, key="leak",
    ),
    Course(
        day(3, 17), UNIT, ("文化", "非遗传承"),
        "四点半课堂缺一位教写毛笔字的老师，每周三下午一小时。",
        (
            step(1, "open"),
            step(1, "take", unit="县书法家协会", measures="派会员轮流授课，自带纸墨"),
            step(3, "note", unit="县书法家协会", words="第一课已上，18个孩子参加。"),
        ),
        unit="duty", station=None, key="teacher",
    ),
    Course(
        day(3, 18), "wish", ("民政帮扶", "微心愿"),
        "想给上二年级的孙女要一套儿童读物和一个书包。",
        (
            step(1, "open", hall=False),
            step(0, "offer", units=("县图书馆", "县书法家协会")),
            step(2, "say_no", unit="县书法家协会", reason="协会没有这方面的物资"),
        ),
        "张桂英", "13900007113", station=1, key="satchel",
    ),
    Course(
        day(3, 19), QR, ("教育", "课后托管"),
        "双职工，孩子放学到五点半没人接，四点半课堂还能不能加两个名额？",
        (
            step(1, "open"),
            step(1, "take", unit="duty", measures="增加名额，安排社工接送到课堂"),
            step(2, "note", unit="duty", words="已与家长联系，本周三起试读。"),
            step(3, "deliver", unit="duty", volunteers=3, result="两个孩子已入班"),
        ),
        "孔文博", "13800007114", key="pick-up",
    ),
    Course(
        day(3, 16), "slip", ("政务服务", "证照代办"),
        "老人优待证过期了，子女都在外地，想请人帮着办。",
        (
            step(1, "open"),
            step(1, "take", unit="coming", measures="上门取件代办，办好送回"),
            step(3, "deliver", unit="coming", volunteers=1),
            step(2, "send_back", unit="coming", to_mend="证上的住址少了单元号，请更正后重新送达"),
        ),
        "吕秀兰", "13900007115", key="card",
    ),
    Course(
        day(3, 16), "phone", ("安全", "反诈"),
        "楼里老人买了好几千的保健品，想请人来讲讲怎么识别。",
        (
            step(1, "open"),
            step(1, "take", unit=POLICE, measures="楼院宣讲一场，入户提醒"),
            step(5, "deliver", unit=POLICE, volunteers=5, result="宣讲到场60余人"),
            step(1, "accept", unit=POLICE),
            step(2, "miss"),
        ),
        "何振华", "13800007116", key="fraud",
    ),
    Course(
        day(3, 12), QR, ("环境", "噪声"),
        "楼下健身广场音响太大，晚上九点多还在响。",
        (
            step(1, "open"),
            step(2, "take", unit="县社会工作协会", measures="与舞队约定时间和音量，配静音耳机试用"),
            step(5, "deliver", unit="县社会工作协会", volunteers=6),
            step(1, "accept", unit="县社会工作协会"),
            step(1, "answer_by_link", satisfaction=BAD, opinion="好了三天又响了"),
        ),
        "金国平", "13900007117", key="loud",
    ),
    Course(
        day(3, 24), "visit", ("交通出行", "治堵"),
        "学校门口早晚堵得走不动，路口信号灯配时要调。",
        (
            step(1, "open"),
            step(2, "hand_up", note="涉及县城主干道信号配时，请街道协调公安交警部门"),
        ),
        "陶慧敏", "13800007118", station=None, urgency=Urgency.SOON, key="traffic",
    ),
    Course(
        day(3, 25), "station", ("民政帮扶", "居家养老"),
        "两位八十多岁的老人，想请人每周来打扫一次、量量血压。",
        (
            step(1, "open", hall=False),
            step(1, "offer", units=("duty", "coming", "县家政服务行业协会"), note="请看能否各出一人，结成长期对子"),
        ),
        "魏建国", "13900007119", key="elders",
    ),
    Course(
        day(3, 25), "phone", ("房屋设施", "管网"),
        "一楼厕所返水两天了，打了物业电话没人来。",
        (),
        "蒋志强", "13800007120", urgency=Urgency.URGENT, station=2, key="drain",
    ),
    Course(
        day(3, 25), UNIT, ("经济", "用工"),
        "四月办理高峰，缺两名引导志愿者，每天上午半天。",
        (
            step(1, "open"),
            step(1, "take", unit="duty", measures="派两名社工，每天上午到大厅引导"),
        ),
        unit="coming", station=None, key="ushers",
    ),
    Course(
        day(3, 28), QR, ("文化", "文体活动"),
        "周末想在小区里看场露天电影，孩子们都盼着。",
        (),
        key="film",
    ),
    Course(
        day(3, 30), "slip", ("环境", "垃圾分类"),
        "投放点的盖子太重，老人掀不开，都扔在外面。",
        (),
        station=6, key="lid",
    ),
)  # fmt: skip
STAGE = DONE + OPEN

# One of each in every other community: what is asked, what is done about it, what the resident says.
ELSEWHERE = (
    ("环境", "环境卫生", "沿街绿化带里塑料袋挂了一片，看着闹心。", "组织清理，增设垃圾桶", "路边干净多了"),
    ("安全", "消防", "楼道里灭火器压力不足，想请人检查一遍。", "逐层检查，更换过期灭火器", "换得及时"),
    (
        "文化",
        "文艺演出",
        "正月里想看场家乡戏，老人们念叨好几回了。",
        "安排一场演出，配无障碍座位",
        "热闹，老人高兴",
    ),
    (
        "卫生健康",
        "义诊",
        "小区老人多，盼着有大夫来量量血压看看药。",
        "每月一次义诊，建健康小档案",
        "大夫讲得细",
    ),
    ("交通出行", "护学", "校门口过马路车不让人，早上最挤。", "安排护学岗，早晚各半小时", "接送放心"),
    ("法律", "法律咨询", "租房押金退不回来，想问问怎么办。", "预约律师咨询，代写投诉材料", "说得明白"),
    ("环境", "油烟", "楼下饭馆油烟管道对着窗户，夏天不敢开窗。", "协调改道排烟口，复查一次", "窗户能开了"),
    ("教育", "老年教育", "想学用手机挂号、缴费，没人教。", "开手机课四节，发图解手册", "会挂号了"),
)
