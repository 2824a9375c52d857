"""Rows of feeds and the checks that each fails: a sound row, then what is changed in it."""

from __future__ import annotations

from typing import NamedTuple

EXTRACTED_AT = "2018-12-01 02:00:00"
HOSPITAL = "D2143569X44010011A1001"
ID_NO = "110101199003077758"
"""A valid number of a man born on 1990-03-07."""

WARNINGS = frozenset({"id_no.invalid", "id_no.sex", "id_no.birth", "phone.form"})
"""The checks that keep a row; all others refuse it."""


class Registered(NamedTuple):
    """An institution that a row names, or none; the register; whether the row is found."""

    org_code: str | None
    register: tuple[str, ...]
    found: bool


OF_REGISTER = [
    Registered(HOSPITAL, (HOSPITAL,), False),
    Registered(HOSPITAL, (HOSPITAL[:9] + "440106" + HOSPITAL[15:],), True),
    Registered(HOSPITAL, (), True),
    Registered(None, (HOSPITAL,), False),
    Registered(None, (), False),
]
"""For every column that names an institution."""

Case = tuple[dict[str, str], str]
"""What is changed in the sound row, and the checks that fail then, without the feed's name."""

SOUND = {
    "population": {
        "population_no": "1", "name": "张三", "sex_code": "1", "birth_date": "1990-03-07",
        "residence_division": "440106", "residency_type": "1", "op": "I", "updated_at": "2018-11-05 08:00:00"},
    "ehr": {
        "ehr_no": "44010600100100001", "org_code": HOSPITAL, "name": "张三", "created_on": "2018-11-05", "status": "1",
        "op": "I", "updated_at": "2018-11-05 08:00:00"},
    "emr": {
        "encounter_no": "E1", "org_code": HOSPITAL, "encounter_type": "3", "patient_no": "N1", "name": "张三",
        "start_at": "2018-11-05 08:00:00", "total_fee": "100", "op": "I", "updated_at": "2018-11-06 08:00:00"},
    "insurance": {
        "settlement_id": "S1", "psn_no": "1", "name": "张三", "insutype": "310", "insured_division": "440106",
        "org_code": HOSPITAL, "med_type": "11", "begin_at": "2018-11-05", "settled_at": "2018-11-05",
        "medfee_sumamt": "100", "fund_pay_sumamt": "60", "acct_pay": "10", "psn_cash_pay": "30", "cross_region": "0",
        "direct_settled": "1", "op": "I", "updated_at": "2018-11-06"},
    "institution": {
        "org_code": HOSPITAL, "name": "一院", "division_code": "440106", "category": "A", "level": "3", "public": "1",
        "provincial": "0", "op": "I", "updated_at": "2018-11-05"},
    "platform_connection": {
        "org_code": HOSPITAL, "month": "2018-11", "platform": "1", "connected": "1", "code_live": "0",
        "updated_at": "2018-11-30"},
    "platform_function": {
        "city_code": "440100", "function_code": "F01", "live": "1", "updated_at": "2018-11-30"},
    "smart_service": {
        "org_code": HOSPITAL, "service_code": "S01", "live": "1", "updated_at": "2018-11-30"},
    "code_usage": {
        "org_code": HOSPITAL, "day": "2018-11-05", "scene": "1", "scans": "10", "failures": "1",
        "updated_at": "2018-11-30"},
    "code_activation": {
        "city_code": "440100", "day": "2018-11-05", "channel": "1", "activated": "10", "updated_at": "2018-11-30"},
    "booking": {
        "slot_no": "1", "org_code": HOSPITAL, "released_at": "2018-11-05 08:00:00", "slot_start": "2018-11-06 08:00:00",
        "slot_end": "2018-11-06 08:15:00", "updated_at": "2018-11-30"},
    "telemedicine": {
        "case_no": "1", "case_type": "1", "urgency": "1", "requester_org": HOSPITAL,
        "requested_at": "2018-11-05 08:00:00", "updated_at": "2018-11-30"},
}  # fmt: skip

# fmt: off
OF_PERSONS: list[Case] = [
    ({"birth_date": "1879-12-31"}, "birth_date.range"),
    ({"birth_date": "1880-01-01"}, ""),
    ({"id_no": ID_NO}, ""),
    ({"id_no": "110101900307775"}, ""),
    ({"id_no": "110101199003077757"}, "id_no.invalid"),
    ({"id_no": "999999199003077758"}, "id_no.invalid"),
    ({"id_no": "unknown"}, "id_no.invalid"),
    ({"id_no": ID_NO, "sex_code": "2"}, "id_no.sex"),
    ({"id_no": ID_NO, "sex_code": "9"}, ""),
    ({"id_no": ID_NO, "birth_date": "1990-03-08"}, "id_no.birth"),
    ({"id_no": ID_NO, "sex_code": "2", "birth_date": "1990-03-08"}, "id_no.sex id_no.birth"),
    ({"id_no": "unknown", "id_type": "03"}, ""),
    ({"id_no": ID_NO, "id_type": "03", "sex_code": "2"}, ""),
    ({"id_type": "110"}, ""),
    ({"id_type": "08"}, "id_type.code"),
    ({"phone": "13800138000"}, ""),
    ({"phone": "020-81234567"}, ""),
    ({"phone": "12800138000"}, "phone.form"),
    ({"phone": "?"}, "phone.form"),
]
"""For every feed about persons, of a man born on 1990-03-07."""

CASES: dict[str, list[Case]] = {
    "population": [
        ({}, ""),
        ({"name": ""}, "name.required"),
        ({"name": "\u3000"}, "name.required"),
        ({"name": "NULL"}, "name.required"),
        ({"name": r"\N"}, "name.required"),
        ({"name": "无"}, ""),
        ({"sex_code": "7"}, "sex_code.code"),
        ({"sex_code": "无"}, "sex_code.code"),
        ({"name": "", "sex_code": ""}, "name.required sex_code.required"),
        ({"residency_type": "4"}, "residency_type.code"),
        ({"residence_division": "449999"}, "residence_division.code"),
        ({"residence_division": "44010"}, "residence_division.code"),
        ({"residence_division": "440183"}, ""),
        ({"residence_division": "441900"}, ""),
        ({"domicile_division": "110101"}, ""),
        ({"domicile_division": "-"}, ""),
        ({"birth_date": ""}, "birth_date.required"),
        ({"birth_date": "1990-02-30"}, "birth_date.type"),
        ({"birth_date": "2018-12-01"}, ""),
        ({"birth_date": "2018-12-02"}, "birth_date.future"),
        ({"death_date": "2018-12-02"}, "death_date.future"),
        ({"death_date": "soon"}, "death_date.type"),
        ({"death_date": "不详"}, ""),
        ({"death_date": "1990-03-07"}, ""),
        ({"death_date": "1990-03-06"}, "birth_date.after_event"),
        ({"op": "X"}, "op.code"),
        ({"op": ""}, "op.required"),
        ({"op": "u"}, ""),
        ({"updated_at": "2018-12-01T02:00:00"}, ""),
        ({"updated_at": "2018-12-01 02:00:01"}, "updated_at.future"),
        ({"updated_at": "2018-11-30T19:00:00Z"}, "updated_at.future"),
        ({"updated_at": "2018-11-05 24:00:00"}, "updated_at.type"),
    ],
    "ehr": [
        ({}, ""),
        ({"birth_date": "2018-11-06"}, "birth_date.after_event"),
        ({"systolic_bp": "39"}, "systolic_bp.range"),
        ({"systolic_bp": "40", "diastolic_bp": "200"}, ""),
        ({"diastolic_bp": "201"}, "diastolic_bp.range"),
        ({"fasting_glucose": "0.99"}, "fasting_glucose.range"),
        ({"fasting_glucose": "5.6"}, ""),
        ({"systolic_bp": "300", "diastolic_bp": "20"}, ""),
        ({"systolic_bp": "301"}, "systolic_bp.range"),
        ({"diastolic_bp": "19"}, "diastolic_bp.range"),
        ({"fasting_glucose": "1"}, ""),
        ({"fasting_glucose": "50"}, ""),
        ({"fasting_glucose": "50.01"}, "fasting_glucose.range"),
    ],
    "emr": [
        ({}, ""),
        ({"encounter_type": "4"}, "encounter_type.code"),
        ({"org_code": HOSPITAL.lower()}, ""),
        ({"org_code": "D2143569944010011A1001"}, "org_code.code"),
        ({"start_at": "20181105080000"}, ""),
        ({"start_at": "2018-11-05 08:00"}, "start_at.type"),
        ({"start_at": "2018-12-01 02:00:01"}, "start_at.future"),
        ({"end_at": "2018-11-05 08:00:00"}, ""),
        ({"end_at": "2018-11-05 07:59:59"}, "end_at.order_start_at"),
        ({"birth_date": "2018-11-05"}, ""),
        ({"birth_date": "2018-11-06"}, "birth_date.after_event"),
        ({"diagnosis_code": "I10.x00x002"}, ""),
        ({"diagnosis_code": "10.0"}, "diagnosis_code.code"),
        ({"discharge_way": "7"}, "discharge_way.code"),
        ({"booked": "是"}, ""),
        ({"booked": "2"}, "booked.type"),
        ({"health_code": "0F" * 32}, ""),
        ({"health_code": "0G" * 32}, "health_code.form"),
        ({"health_code": "0F" * 31}, "health_code.form"),
        ({"total_fee": ""}, "total_fee.required"),
        ({"total_fee": "1,000.50"}, ""),
        ({"total_fee": "10,00"}, "total_fee.type"),
        ({"total_fee": "-0.01"}, "total_fee.range"),
        ({"drug_fee": "100"}, ""),
        ({"drug_fee": "100.01"}, "drug_fee.most_total_fee"),
        ({"consumables_fee": "101", "exam_fee": "101"},
         "consumables_fee.most_total_fee exam_fee.most_total_fee"),
        ({"drug_fee": "-1"}, "drug_fee.range"),
        ({"total_fee": "0"}, ""),
        ({"drug_fee": "0", "consumables_fee": "0", "exam_fee": "0"}, ""),
        ({"drug_fee": "-0.01"}, "drug_fee.range"),
        ({"consumables_fee": "-0.01"}, "consumables_fee.range"),
        ({"exam_fee": "-0.01"}, "exam_fee.range"),
        ({"consumables_fee": "100", "exam_fee": "100"}, ""),
        ({"consumables_fee": "100.01"}, "consumables_fee.most_total_fee"),
        ({"exam_fee": "100.01"}, "exam_fee.most_total_fee"),
        ({"health_code": "0F" * 32 + "0"}, "health_code.form"),
        ({"health_code": "0F" * 31 + "0"}, "health_code.form"),
    ],
    "insurance": [
        ({}, ""),
        ({"birth_date": "2018-11-06"}, "birth_date.after_event"),
        ({"psn_cash_pay": "30.01"}, ""),
        ({"psn_cash_pay": "30.02"}, "medfee_sumamt.sum"),
        ({"acct_pay": "", "psn_cash_pay": "40"}, ""),
        ({"inscp_scp_amt": "100.01"}, "inscp_scp_amt.most_medfee_sumamt"),
        ({"end_at": "2018-11-04"}, "end_at.order_begin_at"),
        ({"psn_cash_pay": "29.99"}, ""),
        ({"psn_cash_pay": "29.98"}, "medfee_sumamt.sum"),
        ({"acct_pay": "", "psn_cash_pay": "41"}, "medfee_sumamt.sum"),
        ({"end_at": "2018-11-05"}, ""),
        ({"end_at": "2018-11-04 23:59:59"}, "end_at.order_begin_at"),
        ({"inscp_scp_amt": "100"}, ""),
        ({"inscp_scp_amt": "0", "drug_fee": "0"}, ""),
        ({"inscp_scp_amt": "-0.01"}, "inscp_scp_amt.range"),
        ({"drug_fee": "-0.01"}, "drug_fee.range"),
        ({"medfee_sumamt": "0", "fund_pay_sumamt": "0", "acct_pay": "0", "psn_cash_pay": "0"}, ""),
        ({"medfee_sumamt": "-0.01", "fund_pay_sumamt": "0", "acct_pay": "0", "psn_cash_pay": "0"},
         "medfee_sumamt.range"),
        ({"fund_pay_sumamt": "-0.01", "acct_pay": "70.01"}, "fund_pay_sumamt.range"),
        ({"acct_pay": "-0.01", "psn_cash_pay": "40.01"}, "acct_pay.range"),
        ({"psn_cash_pay": "-0.01", "acct_pay": "40.01"}, "psn_cash_pay.range"),
    ],
    "institution": [
        ({}, ""),
        ({"org_code": ""}, "org_code.required"),
        ({"uscc": "91350100M000100Y43"}, ""),
        ({"uscc": "91350100M000100Y44"}, "uscc.code"),
        ({"category": "a", "grade": "甲"}, ""),
        ({"category": "H", "grade": "特", "level": "4"}, "category.code level.code grade.code"),
        ({"public": "maybe"}, "public.type"),
        ({"beds": "0"}, ""),
        ({"beds": "-1"}, "beds.range"),
        ({"beds": "1.5"}, "beds.type"),
        ({"opened_on": "2018-12-02"}, "opened_on.future"),
        ({"opened_on": "2018-11-05", "closed_on": "2018-11-05"}, ""),
        ({"opened_on": "2018-11-05", "closed_on": "2018-11-04"}, "closed_on.order_opened_on"),
        ({"closed_on": "2018-11-04"}, ""),
    ],
    "platform_connection": [
        ({}, ""),
        ({"month": ""}, "month.required"),
        ({"month": "2018-00"}, "month.form"),
        ({"month": "18-11"}, "month.form"),
        ({"month": "2018-12"}, ""),
        ({"month": "2019-01"}, "month.future"),
        ({"platform": "3"}, "platform.code"),
        ({"connected": ""}, "connected.required"),
        ({"connected": "2"}, "connected.type"),
        ({"last_upload_at": "never"}, "last_upload_at.type"),
        ({"last_upload_at": "2018-12-01 03:00:00"}, "last_upload_at.future"),
        ({"results_shared": "/"}, ""),
        ({"month": "2017-13"}, "month.form"),
        ({"month": "2018-011"}, "month.form"),
        ({"month": "2018-11-01"}, "month.form"),
        ({"month": "2017-01"}, ""),
        ({"month": "2018-10"}, ""),
    ],
    "platform_function": [
        ({"function_code": "F60"}, ""),
        ({"function_code": "F61"}, "function_code.form"),
        ({"function_code": "F00"}, "function_code.form"),
        ({"function_code": "F59"}, ""),
        ({"function_code": "F010"}, "function_code.form"),
        ({"function_code": "f01"}, "function_code.form"),
    ],
    "code_usage": [
        ({"failures": "10"}, ""),
        ({"failures": "11"}, "failures.most_scans"),
        ({"scans": "-1", "failures": "-1"}, "scans.range failures.range"),
        ({"scans": "0", "failures": "0"}, ""),
        ({"scans": "0", "failures": "-1"}, "failures.range"),
    ],
    "code_activation": [
        ({"activated": "0"}, ""),
        ({"activated": "-1"}, "activated.range"),
    ],
    "booking": [
        ({"slot_start": "2019-01-02 08:00:00", "slot_end": "2019-01-02 08:15:00"}, ""),
        ({"slot_end": "2018-11-06 07:00:00"}, "slot_end.order_slot_start"),
        ({"seen_at": "2019-01-02 08:00:00"}, "seen_at.future"),
        ({"slot_end": "2018-11-06 08:00:00"}, ""),
        ({"slot_end": "2018-11-06 07:59:59"}, "slot_end.order_slot_start"),
    ],
    "telemedicine": [
        ({"completed_at": "2018-11-05 07:00:00"}, "completed_at.order_requested_at"),
        ({"arranged_at": "2018-11-05 08:00:00"}, ""),
        ({"arranged_at": "2018-11-05 07:59:59"}, "arranged_at.order_requested_at"),
        ({"completed_at": "2018-11-05 08:00:00"}, ""),
        ({"completed_at": "2018-11-05 07:59:59"}, "completed_at.order_requested_at"),
    ],
}
# fmt: on
