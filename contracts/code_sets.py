"""The code sets of the contract: closed ones with their codes, open ones with the standard that validates them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Code:
    """A code with its meaning in both languages."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class CodeSet:
    """A code set and its edition. `codes` is empty where `macro`, an SQL macro of the standard's rule, validates.

    `extensions` are codes that cities use beside the edition's; a new one is a row here.
    """

    name: str
    edition: str
    zh: str
    en: str
    codes: tuple[Code, ...] = ()
    extensions: tuple[Code, ...] = ()
    macro: str = ""

    def __contains__(self, code: object) -> bool:
        return any(known.code == code for known in (*self.codes, *self.extensions))


def sql_code_is_valid(code_set: str, expression: str) -> str:
    """Return an SQL condition that the expression, a folded code that is not NULL, lies in the code set."""
    chosen = CODE_SETS[code_set]
    if chosen.macro:
        return f"{chosen.macro}({expression})"
    codes = ", ".join(f"'{known.code}'" for known in (*chosen.codes, *chosen.extensions))
    return f"{expression} IN ({codes})"


def _codes(*rows: tuple[str, str, str]) -> tuple[Code, ...]:
    return tuple(Code(*row) for row in rows)


# fmt: off
_SETS = (
    CodeSet("GB/T 2261.1", "2003", "人的性别代码", "sex", _codes(
        ("0", "未知的性别", "unknown"), ("1", "男性", "male"), ("2", "女性", "female"), ("9", "未说明的性别", "unstated"))),
    CodeSet("CV02.01.101", "WS/T 364.3-2023", "身份证件类别代码", "ID type", _codes(
        ("01", "居民身份证", "resident ID"), ("02", "居民户口簿", "household book"), ("03", "护照", "passport"),
        ("04", "军官证", "officer's card"), ("05", "驾驶证", "driving licence"),
        ("06", "港澳居民来往内地通行证", "Hong Kong and Macau permit"), ("07", "台湾居民来往内地通行证", "Taiwan permit"),
        ("99", "其他法定有效证件", "other")),
        extensions=_codes(
            ("109", "地方扩展 109", "local extension 109"), ("110", "地方扩展 110", "local extension 110"),
            ("111", "地方扩展 111", "local extension 111"), ("112", "地方扩展 112", "local extension 112"))),
    CodeSet("GB/T 2260", "1980-2018", "中华人民共和国行政区划代码", "divisions", macro="division_is_known"),
    CodeSet("WS 218", "2002", "卫生机构代码", "institution code", macro="institution_code_is_valid"),
    CodeSet("GB 32100", "2015", "统一社会信用代码", "unified social credit code", macro="credit_code_is_valid"),
    CodeSet("ICD-10", "GB/T 14396-2016 与医保版", "疾病分类与代码", "diseases", macro="icd10_is_valid"),
    CodeSet("op", "1", "操作", "operation", _codes(
        ("I", "新增", "insert"), ("U", "更新", "update"), ("D", "删除", "delete"))),
    CodeSet("residency", "1", "居住类型", "residency", _codes(
        ("1", "户籍", "household-registered"), ("2", "常住", "permanent"), ("3", "流动", "floating"))),
    CodeSet("ehr_status", "1", "档案状态", "health record status", _codes(
        ("1", "活动", "active"), ("2", "结案", "closed"))),
    CodeSet("encounter_type", "1", "就诊类型", "encounter type", _codes(
        ("1", "门诊", "outpatient"), ("2", "急诊", "emergency"), ("3", "住院", "inpatient"))),
    CodeSet("discharge_way", "1", "离院方式", "way of discharge", _codes(
        ("1", "医嘱离院", "by order"), ("2", "医嘱转院", "transfer"), ("3", "医嘱转社区", "to community"),
        ("4", "非医嘱离院", "against advice"), ("5", "死亡", "death"), ("9", "其他", "other"))),
    CodeSet("surgery_level", "1", "手术级别", "surgery level", _codes(
        ("1", "一级", "level 1"), ("2", "二级", "level 2"), ("3", "三级", "level 3"), ("4", "四级", "level 4"))),
    CodeSet("referral", "1", "转诊方向", "referral", _codes(
        ("0", "无", "none"), ("1", "上转", "up"), ("2", "下转", "down"))),
    CodeSet("insutype", "医保 2304", "险种类型", "insurance scheme", _codes(
        ("310", "职工基本医疗保险", "employee"), ("390", "城乡居民基本医疗保险", "resident"))),
    CodeSet("med_type", "医保 2304", "医疗类别", "medical category", _codes(
        ("11", "普通门诊", "outpatient"), ("13", "急诊", "emergency"), ("14", "门诊慢特病", "chronic disease"),
        ("21", "普通住院", "inpatient"))),
    CodeSet("category", "1", "机构类别", "institution category", _codes(
        ("A", "综合医院", "general hospital"), ("B", "专科医院", "specialist hospital"),
        ("C", "社区卫生服务中心", "community centre"), ("D", "乡镇卫生院", "township centre"),
        ("E", "村卫生室", "village clinic"), ("F", "妇幼保健院", "maternal and child"),
        ("G", "急救中心", "emergency centre"))),
    CodeSet("level", "1", "医院等级", "hospital level", _codes(
        ("3", "三级", "tertiary"), ("2", "二级", "secondary"), ("1", "一级", "primary"), ("0", "未定级", "not graded"))),
    CodeSet("grade", "1", "医院等次", "hospital grade", _codes(
        ("甲", "甲等", "grade A"), ("乙", "乙等", "grade B"), ("丙", "丙等", "grade C"))),
    CodeSet("platform", "1", "所接平台", "platform", _codes(
        ("0", "未接入", "none"), ("1", "市级平台", "city platform"), ("2", "省级虚拟平台", "provincial virtual platform"))),
    CodeSet("smart_service", "1", "智慧医院服务", "smart service", _codes(
        ("S01", "智能预约挂号", "booking"), ("S02", "导医分诊", "triage guide"), ("S03", "预约检查", "exam booking"),
        ("S04", "检查检验结果查询", "results"), ("S05", "取药配送", "drug delivery"), ("S06", "移动支付", "mobile payment"),
        ("S07", "诊间结算", "in-room settlement"), ("S08", "床旁结算", "bedside settlement"),
        ("S09", "推送诊疗信息", "pushed information"), ("S10", "满意度评价", "satisfaction"),
        ("T01", "移动护理", "mobile nursing"), ("T02", "生命体征在线监测", "vital-sign monitoring"),
        ("T03", "智能医学影像识别", "image recognition"),
        ("E01", "急救中心与院前急救信息共享", "emergency centre shares with pre-hospital care"))),
    CodeSet("scene", "1", "应用场景", "scene of use", _codes(
        ("1", "预约", "booking"), ("2", "就诊", "visit"), ("3", "检查", "exam"), ("4", "检验", "laboratory"),
        ("5", "取药", "drugs"), ("6", "支付", "payment"), ("7", "查询", "look-up"))),
    CodeSet("activation_channel", "1", "激活渠道", "activation channel", _codes(
        ("1", "粤省事", "Yueshengshi"), ("2", "其他微信渠道", "other WeChat"), ("3", "自助终端", "self-service terminal"),
        ("4", "人工窗口", "counter"), ("9", "其他", "other"))),
    CodeSet("channel", "1", "预约渠道", "booking channel", _codes(
        ("1", "省级平台", "provincial platform"), ("2", "市级平台", "city platform"), ("3", "医院自有", "hospital's own"),
        ("4", "电话", "telephone"), ("5", "窗口", "counter"))),
    CodeSet("case_type", "1", "远程医疗业务类型", "telemedicine case", _codes(
        ("1", "远程会诊", "consultation"), ("2", "远程门诊", "outpatient"), ("3", "远程影像", "imaging"),
        ("4", "远程心电", "ECG"), ("5", "远程病理", "pathology"), ("6", "远程手术示教", "surgery teaching"))),
    CodeSet("urgency", "1", "紧急程度", "urgency", _codes(
        ("1", "紧急", "urgent"), ("2", "优先", "priority"), ("3", "常规", "routine"))),
)
# fmt: on
CODE_SETS: Mapping[str, CodeSet] = MappingProxyType({code_set.name: code_set for code_set in _SETS})
"""Every code set by the name that the feeds give it."""
