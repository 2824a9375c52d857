"""The contract's notes in Chinese: what the English of contracts/feeds.py says, for those who deliver."""

from __future__ import annotations

SCOPES = {
    "population": "地市登记的全部居民：户籍、常住与流动人口",
    "ehr": "每位居民一份健康档案（多于一份是差错，由关联发现）",
    "emr": "一行一次就诊：门诊、急诊或住院",
    "insurance": "一行一次结算；列名取自国家医保信息平台接口（2304 结算、4101A 清单）",
    "institution": "机构名录：医院、社区卫生服务中心、乡镇卫生院、村卫生室等",
    "platform_connection": "每家机构每月一行：在市级平台（或省级虚拟平台）上的接入状态",
    "platform_function": "市级平台对照《省统筹区域人口健康信息平台应用功能指引》已实现的功能",
    "smart_service": "机构提供“一键诊疗”十项服务及三级医院三项服务中的哪些",
    "code_usage": "健康码扫码次数，按机构、日期与场景汇总",
    "code_activation": "健康码激活人数，按地市、日期与渠道汇总",
    "booking": "医院放出的每个可预约号源一行",
    "telemedicine": "省远程医疗平台上的每例业务一行",
}
"""What a feed holds."""

MEANINGS = {
    "the city's own number, stable over deliveries": "地市自编号，各次交付保持不变",
    "18 or legacy 15 digits where id_type is 01": "证件类型为 01 时为 18 位或旧 15 位号码",
    "county level, 6 digits": "县级，6 位",
    "county level; 441900 and 442000 have no counties": "县级；441900 与 442000 不设县区",
    "newborns above all": "主要用于新生儿",
    "17 digits": "17 位数字",
    "often a relative's": "常为亲属的电话",
    "children": "用于儿童",
    "mmHg, 40 to 300": "mmHg，40 至 300",
    "mmHg, 20 to 200": "mmHg，20 至 200",
    "mmol/L, 1 to 50": "mmol/L，1 至 50",
    "the hospital's own patient number": "医院自编的患者号",
    "the 64-hex card ID, where the code was scanned": "扫码时为卡 ID，64 位十六进制大写",
    "newborns are often written 母亲姓名+之子 or 之女": "新生儿常写作“母亲姓名+之子”或“之女”",
    "may be a guardian's, or borrowed": "可能是监护人的或借用的证件",
    "inpatient stays that have ended": "已结束的住院",
    "GB/T 14396 or the insurance edition, such as I10.x00x002": "GB/T 14396 或医保版，如 I10.x00x002",
    "yuan, not negative": "元，不为负",
    "yuan, at most total_fee": "元，不大于 total_fee",
    "the insured person's number, stable within a city": "参保人员编号，在地市内保持不变",
    "the hospital's encounter, where it was sent": "医院的就诊流水号，已上传时填写",
    "yuan": "元",
    "yuan, at most the total": "元，不大于总额",
    "yuan; fund + account + cash = total, to 0.01 a row": "元；基金 + 账户 + 现金 = 总额，每行误差不超过 0.01",
    "22 characters": "22 位",
    "connected on paper without an upload this month is not access": "名义接入而当月未上传，不算接入",
    "residents can look their records up": "居民可查询本人记录",
    "F01 to F60": "F01 至 F60",
    "at most scans": "不大于扫码次数",
    "mass releases between 22:00 and 06:00 are not allowed": "不得在 22:00 至 06:00 集中放号",
    "precision = slot_end - slot_start": "预约精度 = slot_end - slot_start",
    "an urgent consultation within 1 hour": "急会诊应在 1 小时内安排",
    "imaging, ECG and pathology within 30 minutes": "影像、心电、病理应在 30 分钟内完成",
    "I, U or D": "I、U 或 D",
    "a reversed settlement comes as D": "冲正的结算以 D 报送",
    "1 to 4; empty where none": "1 至 4 级；无手术为空",
}
"""What a column's note says. Names of the national interface and forms such as YYYY-MM stand as they are."""
