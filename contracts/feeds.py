"""The delivery contract, version 1: every feed that a city delivers, column by column.

A column is (identifier, Chinese header, type, required, code set, sensitivity level, meaning).
"""

from __future__ import annotations

from types import MappingProxyType

from contracts.schema import Column, Feed, Kind, Type

_S, _C, _D, _T, _I, _N, _B = (
    Type.STRING, Type.CODE, Type.DATE, Type.DATETIME, Type.INTEGER, Type.DECIMAL, Type.BOOLEAN,
)  # fmt: skip

# fmt: off
POPULATION = Feed(
    name="population",
    zh="全员人口",
    kind=Kind.PERSON,
    key=("population_no",),
    scope="every resident a city registers: household-registered, permanent and floating",
    columns=(
        Column("population_no", "人口编号", _S, True, "", 4, "the city's own number, stable over deliveries"),
        Column("name", "姓名", _S, True, "", 4, ""),
        Column("sex_code", "性别代码", _C, True, "GB/T 2261.1", 3, ""),
        Column("birth_date", "出生日期", _D, True, "", 3, ""),
        Column("id_type", "证件类型代码", _C, False, "CV02.01.101", 3, ""),
        Column("id_no", "证件号码", _S, False, "", 4, "18 or legacy 15 digits where id_type is 01"),
        Column("phone", "联系电话", _S, False, "", 4, ""),
        Column("domicile_division", "户籍地区划", _C, False, "GB/T 2260", 3, "county level, 6 digits"),
        Column("residence_division", "现住地区划", _C, True, "GB/T 2260", 3, "county level; 441900 and 442000 have no counties"),
        Column("address", "现住址", _S, False, "", 4, ""),
        Column("household_no", "户号", _S, False, "", 4, ""),
        Column("mother_id_no", "母亲证件号码", _S, False, "", 4, "newborns above all"),
        Column("residency_type", "居住类型代码", _C, True, "residency", 2, "1 registered, 2 permanent, 3 floating"),
        Column("death_date", "死亡日期", _D, False, "", 4, ""),
        Column("op", "操作", _C, True, "op", 1, "I, U or D"),
        Column("updated_at", "更新时间", _T, True, "", 1, ""),
    ),
)
# fmt: on

# fmt: off
EHR = Feed(
    name="ehr",
    zh="居民电子健康档案",
    kind=Kind.PERSON,
    key=("ehr_no",),
    scope="one health record a resident (more than one is a fault that linkage finds)",
    columns=(
        Column("ehr_no", "档案编号", _S, True, "", 4, "17 digits"),
        Column("org_code", "建档机构代码", _C, True, "WS 218", 2, ""),
        Column("name", "姓名", _S, True, "", 4, ""),
        Column("sex_code", "性别代码", _C, False, "GB/T 2261.1", 3, ""),
        Column("birth_date", "出生日期", _D, False, "", 3, ""),
        Column("id_type", "证件类型代码", _C, False, "CV02.01.101", 3, ""),
        Column("id_no", "证件号码", _S, False, "", 4, ""),
        Column("phone", "联系电话", _S, False, "", 4, "often a relative's"),
        Column("address", "现住址", _S, False, "", 4, ""),
        Column("residence_division", "现住地区划", _C, False, "GB/T 2260", 3, ""),
        Column("guardian_id_no", "监护人证件号码", _S, False, "", 4, "children"),
        Column("created_on", "建档日期", _D, True, "", 2, ""),
        Column("last_service_on", "最近服务日期", _D, False, "", 3, ""),
        Column("contract_on", "家庭医生签约日期", _D, False, "", 3, ""),
        Column("hypertension_managed", "高血压管理", _B, False, "", 3, ""),
        Column("hypertension_standard", "高血压规范管理", _B, False, "", 3, ""),
        Column("systolic_bp", "最近收缩压", _I, False, "", 3, "mmHg, 40 to 300"),
        Column("diastolic_bp", "最近舒张压", _I, False, "", 3, "mmHg, 20 to 200"),
        Column("diabetes_managed", "糖尿病管理", _B, False, "", 3, ""),
        Column("diabetes_standard", "糖尿病规范管理", _B, False, "", 3, ""),
        Column("fasting_glucose", "最近空腹血糖", _N, False, "", 3, "mmol/L, 1 to 50"),
        Column("status", "档案状态", _C, True, "ehr_status", 2, "1 active, 2 closed"),
        Column("op", "操作", _C, True, "op", 1, ""),
        Column("updated_at", "更新时间", _T, True, "", 1, ""),
    ),
)
# fmt: on

# fmt: off
EMR = Feed(
    name="emr",
    zh="电子病历",
    kind=Kind.PERSON,
    key=("org_code", "encounter_no",),
    scope="one row an encounter: outpatient visit, emergency visit or inpatient stay",
    columns=(
        Column("encounter_no", "就诊流水号", _S, True, "", 3, ""),
        Column("org_code", "机构代码", _C, True, "WS 218", 2, ""),
        Column("encounter_type", "就诊类型代码", _C, True, "encounter_type", 2, "1 outpatient, 2 emergency, 3 inpatient"),
        Column("patient_no", "门诊住院号", _S, True, "", 4, "the hospital's own patient number"),
        Column("health_code", "健康码", _S, False, "", 4, "the 64-hex card ID, where the code was scanned"),
        Column("name", "姓名", _S, True, "", 4, "newborns are often written 母亲姓名+之子 or 之女"),
        Column("sex_code", "性别代码", _C, False, "GB/T 2261.1", 3, ""),
        Column("birth_date", "出生日期", _D, False, "", 3, ""),
        Column("id_type", "证件类型代码", _C, False, "CV02.01.101", 3, ""),
        Column("id_no", "证件号码", _S, False, "", 4, "may be a guardian's, or borrowed"),
        Column("phone", "联系电话", _S, False, "", 4, ""),
        Column("address", "现住址", _S, False, "", 4, ""),
        Column("start_at", "就诊入院时间", _T, True, "", 3, ""),
        Column("end_at", "出院时间", _T, False, "", 3, "inpatient stays that have ended"),
        Column("department_code", "科室代码", _S, False, "", 2, ""),
        Column("diagnosis_code", "主要诊断编码", _C, False, "ICD-10", 5, "GB/T 14396 or the insurance edition, such as I10.x00x002"),
        Column("diagnosis_name", "主要诊断名称", _S, False, "", 5, ""),
        Column("discharge_way", "离院方式代码", _C, False, "discharge_way", 3, "1 by order, 2 transfer, 3 to community, 4 against advice, 5 death, 9 other"),
        Column("surgery_level", "手术级别", _C, False, "surgery_level", 3, "1 to 4; empty where none"),
        Column("booked", "是否预约", _B, False, "", 2, ""),
        Column("referral", "转诊方向", _C, False, "referral", 2, "0 none, 1 up, 2 down"),
        Column("total_fee", "总费用", _N, True, "", 3, "yuan, not negative"),
        Column("drug_fee", "药费", _N, False, "", 3, "yuan, at most total_fee"),
        Column("consumables_fee", "卫材费", _N, False, "", 3, "yuan, at most total_fee"),
        Column("exam_fee", "检查检验费", _N, False, "", 3, "yuan, at most total_fee"),
        Column("op", "操作", _C, True, "op", 1, ""),
        Column("updated_at", "更新时间", _T, True, "", 1, ""),
    ),
)
# fmt: on

# fmt: off
INSURANCE = Feed(
    name="insurance",
    zh="医保结算",
    kind=Kind.PERSON,
    key=("settlement_id",),
    scope="one row a settlement; names follow the national 医保 interface (2304 settlement, 4101A list)",
    columns=(
        Column("settlement_id", "结算ID", _S, True, "", 3, "setl_id"),
        Column("psn_no", "人员编号", _S, True, "", 4, "the insured person's number, stable within a city"),
        Column("name", "姓名", _S, True, "", 4, "psn_name"),
        Column("sex_code", "性别代码", _C, False, "GB/T 2261.1", 3, "gend"),
        Column("birth_date", "出生日期", _D, False, "", 3, "brdy"),
        Column("id_type", "证件类型代码", _C, False, "CV02.01.101", 3, "psn_cert_type"),
        Column("id_no", "证件号码", _S, False, "", 4, "certno"),
        Column("phone", "联系电话", _S, False, "", 4, ""),
        Column("insutype", "险种类型代码", _C, True, "insutype", 2, "310 employee, 390 resident"),
        Column("insured_division", "参保地区划", _C, True, "GB/T 2260", 2, "insuplc_admdvs"),
        Column("org_code", "定点机构代码", _C, True, "WS 218", 2, ""),
        Column("med_type", "医疗类别代码", _C, True, "med_type", 2, "11 outpatient, 13 emergency, 14 chronic disease, 21 inpatient"),
        Column("begin_at", "开始时间", _T, True, "", 3, ""),
        Column("end_at", "结束时间", _T, False, "", 3, ""),
        Column("settled_at", "结算时间", _T, True, "", 2, ""),
        Column("encounter_no", "就诊流水号", _S, False, "", 3, "the hospital's encounter, where it was sent"),
        Column("medfee_sumamt", "医疗费总额", _N, True, "", 3, "yuan"),
        Column("inscp_scp_amt", "符合政策范围金额", _N, False, "", 3, "yuan, at most the total"),
        Column("fund_pay_sumamt", "基金支付总额", _N, True, "", 3, "yuan"),
        Column("acct_pay", "个人账户支付", _N, False, "", 3, "yuan"),
        Column("psn_cash_pay", "个人现金支出", _N, True, "", 3, "yuan; fund + account + cash = total, to 0.01 a row"),
        Column("drug_fee", "药费", _N, False, "", 3, "yuan"),
        Column("cross_region", "异地就医", _B, True, "", 2, ""),
        Column("direct_settled", "直接结算", _B, True, "", 2, ""),
        Column("op", "操作", _C, True, "op", 1, "a reversed settlement comes as D"),
        Column("updated_at", "更新时间", _T, True, "", 1, ""),
    ),
)
# fmt: on

# fmt: off
INSTITUTION = Feed(
    name="institution",
    zh="医疗卫生机构",
    kind=Kind.OPERATIONS,
    key=("org_code",),
    scope="the register of institutions: hospitals, community centres, township centres, village clinics",
    columns=(
        Column("org_code", "机构代码", _C, True, "WS 218", 1, "22 characters"),
        Column("uscc", "统一社会信用代码", _C, False, "GB 32100", 1, ""),
        Column("name", "机构名称", _S, True, "", 1, ""),
        Column("division_code", "所在地区划", _C, True, "GB/T 2260", 1, ""),
        Column("category", "机构类别", _C, True, "category", 1, "A general hospital, B specialist, C community centre, D township centre, E village clinic, F maternal and child, G emergency centre"),
        Column("level", "医院等级", _C, True, "level", 1, "3, 2, 1, or 0 where not graded"),
        Column("grade", "医院等次", _C, False, "grade", 1, "甲, 乙, 丙"),
        Column("public", "是否公立", _B, True, "", 1, ""),
        Column("provincial", "是否省级", _B, True, "", 1, ""),
        Column("beds", "床位数", _I, False, "", 1, ""),
        Column("opened_on", "开业日期", _D, False, "", 1, ""),
        Column("closed_on", "注销日期", _D, False, "", 1, ""),
        Column("op", "操作", _C, True, "op", 1, ""),
        Column("updated_at", "更新时间", _T, True, "", 1, ""),
    ),
)
# fmt: on

# fmt: off
PLATFORM_CONNECTION = Feed(
    name="platform_connection",
    zh="平台接入",
    kind=Kind.OPERATIONS,
    key=("org_code", "month",),
    scope="each institution's state on its city platform (or the provincial virtual one), a row a month",
    columns=(
        Column("org_code", "机构代码", _C, True, "WS 218", 1, ""),
        Column("month", "月份", _S, True, "", 1, "YYYY-MM"),
        Column("platform", "所接平台", _C, True, "platform", 1, "1 city platform, 2 provincial virtual platform, 0 none"),
        Column("connected", "是否接入", _B, True, "", 1, ""),
        Column("last_upload_at", "最近上传时间", _T, False, "", 1, "connected on paper without an upload this month is not access"),
        Column("code_live", "健康码已启用", _B, True, "", 1, ""),
        Column("results_shared", "结果可查", _B, False, "", 1, "residents can look their records up"),
        Column("updated_at", "更新时间", _T, True, "", 1, ""),
    ),
)
# fmt: on

# fmt: off
PLATFORM_FUNCTION = Feed(
    name="platform_function",
    zh="平台功能",
    kind=Kind.OPERATIONS,
    key=("city_code", "function_code",),
    scope="a city platform's functions against 《省统筹区域人口健康信息平台应用功能指引》",
    columns=(
        Column("city_code", "地市代码", _C, True, "GB/T 2260", 1, ""),
        Column("function_code", "功能编号", _S, True, "", 1, "F01 to F60"),
        Column("function_name", "功能名称", _S, False, "", 1, ""),
        Column("live", "是否实现", _B, True, "", 1, ""),
        Column("live_on", "上线日期", _D, False, "", 1, ""),
        Column("updated_at", "更新时间", _T, True, "", 1, ""),
    ),
)
# fmt: on

# fmt: off
SMART_SERVICE = Feed(
    name="smart_service",
    zh="智慧医院服务",
    kind=Kind.OPERATIONS,
    key=("org_code", "service_code",),
    scope="which of the ten services of 一键诊疗, and of the three asked of tertiary hospitals, an institution offers",
    columns=(
        Column("org_code", "机构代码", _C, True, "WS 218", 1, ""),
        Column("service_code", "服务编号", _C, True, "smart_service", 1, "S01 booking, S02 triage guide, S03 exam booking, S04 results, S05 drug delivery, S06 mobile payment, S07 in-room settlement, S08 bedside settlement, S09 pushed information, S10 satisfaction; T01 mobile nursing, T02 vital-sign monitoring, T03 image recognition; E01 emergency centre shares with pre-hospital"),
        Column("live", "是否实现", _B, True, "", 1, ""),
        Column("live_on", "上线日期", _D, False, "", 1, ""),
        Column("updated_at", "更新时间", _T, True, "", 1, ""),
    ),
)
# fmt: on

# fmt: off
CODE_USAGE = Feed(
    name="code_usage",
    zh="健康码应用",
    kind=Kind.OPERATIONS,
    key=("org_code", "day", "scene",),
    scope="scans of the health code, counted by institution, day and scene",
    columns=(
        Column("org_code", "机构代码", _C, True, "WS 218", 1, ""),
        Column("day", "日期", _D, True, "", 1, ""),
        Column("scene", "应用场景", _C, True, "scene", 1, "1 booking, 2 visit, 3 exam, 4 laboratory, 5 drugs, 6 payment, 7 look-up"),
        Column("scans", "扫码次数", _I, True, "", 1, ""),
        Column("failures", "失败次数", _I, True, "", 1, "at most scans"),
        Column("updated_at", "更新时间", _T, True, "", 1, ""),
    ),
)
# fmt: on

# fmt: off
CODE_ACTIVATION = Feed(
    name="code_activation",
    zh="健康码激活",
    kind=Kind.OPERATIONS,
    key=("city_code", "day", "channel",),
    scope="health codes activated, counted by city, day and channel (the announcement explains them: 粤省事, WeChat, self-service terminals, counters)",
    columns=(
        Column("city_code", "地市代码", _C, True, "GB/T 2260", 1, ""),
        Column("day", "日期", _D, True, "", 1, ""),
        Column("channel", "激活渠道", _C, True, "activation_channel", 1, "1 粤省事, 2 other WeChat, 3 self-service terminal, 4 counter, 9 other"),
        Column("activated", "激活人数", _I, True, "", 1, ""),
        Column("updated_at", "更新时间", _T, True, "", 1, ""),
    ),
)
# fmt: on

# fmt: off
BOOKING = Feed(
    name="booking",
    zh="预约挂号",
    kind=Kind.OPERATIONS,
    key=("org_code", "slot_no",),
    scope="one row a bookable slot released by a hospital",
    columns=(
        Column("slot_no", "号源编号", _S, True, "", 1, ""),
        Column("org_code", "机构代码", _C, True, "WS 218", 1, ""),
        Column("released_at", "放号时间", _T, True, "", 1, "mass releases between 22:00 and 06:00 are not allowed"),
        Column("slot_start", "时段开始", _T, True, "", 1, ""),
        Column("slot_end", "时段结束", _T, True, "", 1, "precision = slot_end - slot_start"),
        Column("booked_at", "预约时间", _T, False, "", 2, ""),
        Column("seen_at", "就诊时间", _T, False, "", 2, ""),
        Column("channel", "渠道", _C, False, "channel", 1, "1 provincial platform, 2 city platform, 3 hospital's own, 4 telephone, 5 counter"),
        Column("updated_at", "更新时间", _T, True, "", 1, ""),
    ),
)
# fmt: on

# fmt: off
TELEMEDICINE = Feed(
    name="telemedicine",
    zh="远程医疗",
    kind=Kind.OPERATIONS,
    key=("case_no",),
    scope="one row a case on the provincial telemedicine platform",
    columns=(
        Column("case_no", "业务编号", _S, True, "", 1, ""),
        Column("case_type", "业务类型", _C, True, "case_type", 1, "1 consultation, 2 outpatient, 3 imaging, 4 ECG, 5 pathology, 6 surgery teaching"),
        Column("urgency", "紧急程度", _C, True, "urgency", 1, "1 urgent, 2 priority, 3 routine"),
        Column("requester_org", "申请机构代码", _C, True, "WS 218", 1, ""),
        Column("responder_org", "受邀机构代码", _C, False, "WS 218", 1, ""),
        Column("requested_at", "申请时间", _T, True, "", 1, ""),
        Column("arranged_at", "安排时间", _T, False, "", 1, "an urgent consultation within 1 hour"),
        Column("completed_at", "完成时间", _T, False, "", 1, "imaging, ECG and pathology within 30 minutes"),
        Column("updated_at", "更新时间", _T, True, "", 1, ""),
    ),
)
# fmt: on

FEEDS: MappingProxyType[str, Feed] = MappingProxyType(
    {
        feed.name: feed
        for feed in (
            POPULATION,
            EHR,
            EMR,
            INSURANCE,
            INSTITUTION,
            PLATFORM_CONNECTION,
            PLATFORM_FUNCTION,
            SMART_SERVICE,
            CODE_USAGE,
            CODE_ACTIVATION,
            BOOKING,
            TELEMEDICINE,
        )
    }
)
"""Every feed by its name, in the order of the contract."""
