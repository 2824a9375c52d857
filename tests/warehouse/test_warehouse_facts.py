"""The facts, as tables: what came in, and what they hold."""

from __future__ import annotations

from datetime import date

import pytest

from contracts.feeds import FEEDS
from warehouse.inputs import content_relation
from warehouse.model import models

FACTS = {model.name: model for model in models() if model.name.startswith("fact_")}


def holds(world, fact: str, text: str) -> None:
    """Check that a fact's rows are those of a table, whose header names the columns; `-` is empty, `_` a space."""
    head, *lines = text.strip().splitlines()
    shown = ", ".join(f"replace(coalesce({column}::VARCHAR, '-'), ' ', '_')" for column in head.split())
    found = world.connection.execute(f"SELECT {shown} FROM {fact}").fetchall()
    assert sorted(found) == sorted(tuple(line.split()) for line in lines)


def columns_of(fact: str) -> str:
    return " ".join(column.name for column in FACTS[fact].columns)


def test_every_feed_has_one_table_that_follows_it_row_by_row_but_institutions_are_merged():
    followed = [model.increment.source for model in FACTS.values() if model.increment]
    assert sorted(followed) == sorted(content_relation(f) for f in FEEDS.values() if f.name != "institution")


def test_a_column_with_a_comment_of_its_own_has_the_level_of_the_contract():
    taken = [column for model in FACTS.values() for column in model.columns if column.origin]
    levels = {f"{feed.name}.{column.name}": column.level for feed in FEEDS.values() for column in feed.columns}
    assert [column.origin for column in taken if column.level != levels[column.origin]] == []


@pytest.mark.parametrize("fact", FACTS)
def test_a_fact_is_empty_where_nothing_came(world, fact):
    world.build()
    assert world.connection.execute(f"SELECT count(*) FROM {fact}").fetchall() == [(0,)]


@pytest.mark.parametrize("fact", FACTS)
def test_a_fact_of_persons_takes_the_person_of_its_own_feed_and_keeps_rows_without_one(world, fact):
    if FACTS[fact].increment is None:
        assert "person_key" not in columns_of(fact).split()
        return
    relation = FACTS[fact].increment.source
    feed = FEEDS[relation.removeprefix("content_")]
    if not feed.is_person:
        assert "person_key" not in columns_of(fact).split()
        return
    world.put(relation, "row_id\n7\n8").link(feed.name, 7, "r1")
    world.link("another", 8, "r2")
    world.build()
    holds(world, fact, f"{FACTS[fact].increment.key} person_key tier\n7 r1 authority\n8 - -")


def test_settlements(world):
    world.put("content_insurance", """
        row_id person settlement_id encounter_no begin_at            end_at     settled_at          medfee_sumamt inscp_scp_amt acct_pay cross_region direct_settled
        1      r1     440100-1      Z9           2018-01-30          2018-02-02 2018-02-02_10:20:30 1000.50       900           0.25     true         false
        2      -      440100-2      -            2018-01-31_23:00:00 -          2018-01-31_23:59:59 100           -             -        false        true
    """).build()  # fmt: skip  # noqa: E501
    holds(world, "fact_settlement", """
        settlement_id person_key org_code settlement_no encounter_no month      settled_at          medfee_sumamt
        1             r1         H        440100-1      Z9           2018-02-01 2018-02-02_10:20:30 1000.50
        2             -          H        440100-2      -            2018-01-01 2018-01-31_23:59:59 100.00
    """)  # fmt: skip
    holds(world, "fact_settlement", """
        inscp_scp_amt fund_pay_sumamt acct_pay psn_cash_pay cross_region direct_settled begin_at            end_at
        900.00        70.00           0.25     30.00        true         false          2018-01-30_00:00:00 2018-02-02_00:00:00
        -             70.00           -        30.00        false        true           2018-01-31_23:00:00 -
    """)  # fmt: skip  # noqa: E501
    assert columns_of("fact_settlement") == (
        "settlement_id person_key tier city_code org_code settlement_no encounter_no insutype insured_division med_type"
        " month begin_at end_at settled_at medfee_sumamt inscp_scp_amt fund_pay_sumamt acct_pay psn_cash_pay drug_fee"
        " cross_region direct_settled"
    )


def test_health_records_of_one_person_are_all_there(world):
    world.put("content_ehr", """
        row_id person created_on last_service_on contract_on hypertension_managed systolic_bp diastolic_bp fasting_glucose status
        1      r1     2012-03-31 2018-05-06      2017-01-02  true                 135         85           6.5             1
        2      r1     2018-01-01 -               -           -                    -           -            -               2
    """).build()  # fmt: skip  # noqa: E501
    holds(world, "fact_health_record", """
        health_record_id person_key month      created_on last_service_on contract_on hypertension_managed systolic_bp diastolic_bp fasting_glucose status
        1                r1         2012-03-01 2012-03-31 2018-05-06      2017-01-02  true                 135         85           6.50            1
        2                r1         2018-01-01 2018-01-01 -               -           -                    -           -            -               2
    """)  # fmt: skip  # noqa: E501
    assert columns_of("fact_health_record") == (
        "health_record_id person_key tier city_code org_code residence_division status month created_on last_service_on"
        " contract_on hypertension_managed hypertension_standard systolic_bp diastolic_bp diabetes_managed"
        " diabetes_standard fasting_glucose updated_at"
    )


def test_use_of_the_code(world):
    world.put("content_code_usage", """
        row_id org_code day        scene scans failures
        1      H        2018-01-31 2     40    3
        2      H        2018-01-31 6     5     0
        3      K        2018-02-01 2     0     0
    """).build()  # fmt: skip
    holds(world, "fact_code_usage", """
        code_usage_id city_code org_code month      day        scene scans failures
        1             440100    H        2018-01-01 2018-01-31 2     40    3
        2             440100    H        2018-01-01 2018-01-31 6     5     0
        3             440100    K        2018-02-01 2018-02-01 2     0     0
    """)  # fmt: skip
    assert columns_of("fact_code_usage") == "code_usage_id city_code org_code month day scene scans failures"


def test_activations_of_the_code(world):
    world.put("content_code_activation", """
        row_id city_code day        channel activated
        1      440100    2018-01-31 1       700
        2      440300    2018-02-01 4       12
    """).build()  # fmt: skip
    holds(world, "fact_code_activation", """
        code_activation_id city_code month      day        channel activated
        1                  440100    2018-01-01 2018-01-31 1       700
        2                  440300    2018-02-01 2018-02-01 4       12
    """)  # fmt: skip
    assert columns_of("fact_code_activation") == "code_activation_id city_code month day channel activated"


def test_slots_count_in_the_month_they_lie_in_booked_or_not(world):
    world.put("content_booking", """
        row_id slot_no released_at         slot_start          slot_end            booked_at           seen_at             channel
        1      a       2018-01-25_08:00:00 2018-02-01_09:00:00 2018-02-01_09:30:00 2018-01-26_12:00:00 2018-02-01_09:10:00 2
        2      b       2018-01-25_08:00:00 2018-01-31_09:30:00 2018-01-31_10:00:00 -                   -                   -
    """).build()  # fmt: skip  # noqa: E501
    holds(world, "fact_booking", """
        booking_id slot_no month      released_at         slot_start          slot_end            booked_at           seen_at             channel
        1          a       2018-02-01 2018-01-25_08:00:00 2018-02-01_09:00:00 2018-02-01_09:30:00 2018-01-26_12:00:00 2018-02-01_09:10:00 2
        2          b       2018-01-01 2018-01-25_08:00:00 2018-01-31_09:30:00 2018-01-31_10:00:00 -                   -                   -
    """)  # fmt: skip  # noqa: E501
    assert columns_of("fact_booking") == (
        "booking_id city_code org_code slot_no month released_at slot_start slot_end channel booked_at seen_at"
    )


def test_telemedicine_counts_in_the_month_of_the_request(world):
    world.put("content_telemedicine", """
        row_id case_no case_type urgency requester_org responder_org requested_at        arranged_at         completed_at
        1      T1      1         1       H             K             2018-01-31_23:50:00 2018-02-01_00:10:00 2018-02-01_02:00:00
        2      T2      3         3       H             -             2018-02-03_10:00:00 -                   -
    """).build()  # fmt: skip  # noqa: E501
    holds(world, "fact_telemedicine", """
        telemedicine_id case_no case_type urgency requester_org responder_org month      requested_at        arranged_at         completed_at
        1               T1      1         1       H             K             2018-01-01 2018-01-31_23:50:00 2018-02-01_00:10:00 2018-02-01_02:00:00
        2               T2      3         3       H             -             2018-02-01 2018-02-03_10:00:00 -                   -
    """)  # fmt: skip  # noqa: E501
    assert columns_of("fact_telemedicine") == (
        "telemedicine_id city_code case_no case_type urgency requester_org responder_org month requested_at arranged_at"
        " completed_at"
    )


def test_smart_services(world):
    world.put("content_smart_service", """
        row_id org_code service_code live  live_on    updated_at
        1      H        S01          true  2017-05-06 2018-01-02
        2      H        T03          false -          2018-01-03
    """).build()  # fmt: skip
    holds(world, "fact_smart_service", """
        smart_service_id city_code org_code service_code live  live_on    updated_at
        1                440100    H        S01          true  2017-05-06 2018-01-02_00:00:00
        2                440100    H        T03          false -          2018-01-03_00:00:00
    """)  # fmt: skip
    assert columns_of("fact_smart_service") == (
        "smart_service_id city_code org_code service_code live live_on updated_at"
    )


def test_functions_of_the_platforms(world):
    world.put("content_platform_function", """
        row_id city_code function_code function_name live  live_on    updated_at
        1      440100    F01           注册服务      true  2017-05-06 2018-01-02
        2      440300    F60           -             false -          2018-01-03
    """).build()  # fmt: skip
    holds(world, "fact_platform_function", """
        platform_function_id city_code function_code function_name live  live_on    updated_at
        1                    440100    F01           注册服务      true  2017-05-06 2018-01-02_00:00:00
        2                    440300    F60           -             false -          2018-01-03_00:00:00
    """)  # fmt: skip
    assert columns_of("fact_platform_function") == (
        "platform_function_id city_code function_code function_name live live_on updated_at"
    )


def test_the_days_reach_back_to_the_earliest_month_of_any_fact(world):
    (dim_date,) = (model for model in models() if model.name == "dim_date")
    assert {name for name in FACTS if "month" in columns_of(name).split()} == dim_date.reads - {"build_info"}
    world.put("content_ehr", "created_on\n2012-03-31").put("content_booking", "slot_start\n2017-12-31").build()
    days = "SELECT min(date), max(date), count(*) FROM dim_date"
    assert world.connection.execute(days).fetchall() == [(date(2012, 1, 1), date(2018, 12, 31), 7 * 365 + 2)]
