"""How each indicator counts, as tables: what came in, and the figures that must come out."""

from __future__ import annotations

MONTHS = "period NOT LIKE '____' AND period NOT LIKE '%ytd' AND breakdown = '' AND level = 'all'"
PROVINCE = f"{MONTHS} AND division_code = '440000'"


def test_a1_counts_open_public_institutions_that_upload_within_the_month(world, shows):
    world.put("content_institution", """
        org_code  public opened_on   closed_on
        paper     true   -           -
        uploads   true   -           -
        private   false  -           -
        midmonth  true   2018-02-15  -
        monthend  true   2018-02-28  -
        nextmonth true   2018-03-01  -
        closedend true   -           2018-02-28
        closedmid true   -           2018-02-10
    """).put("content_platform_connection", """
        org_code  month   connected last_upload_at
        paper     2018-01 true      -
        paper     2018-02 true      2018-01-31_23:59:59
        uploads   2018-01 true      2018-01-01_00:00:00
        uploads   2018-02 true      2018-02-28_23:59:59
        private   2018-02 true      2018-02-05
        midmonth  2018-02 false     2018-02-20
        monthend  2018-02 true      2018-03-01_00:00:00
        nextmonth 2018-03 true      2018-03-09
        closedend 2018-01 true      2018-01-09
        unlisted  2018-01 true      2018-01-09
    """).build("2018-03-31")  # fmt: skip
    shows(world, "A1", """
        period  numerator denominator value
        2018-01 2         4           0.5
        2018-02 1         4           0.25
        2018-03 1         5           0.2
    """, PROVINCE)  # fmt: skip


def test_a1_of_a_year_and_of_a_year_to_date_is_that_of_the_last_month(world, shows):
    world.put("content_institution", "org_code\nH\nK").put(
        "content_platform_connection",
        """
        org_code month   last_upload_at
        H        2018-11 2018-11-05
        K        2018-11 2018-11-05
        H        2018-12 2018-12-05
        H        2019-01 2019-01-05
        K        2019-01 2019-01-06
    """,
    ).build("2019-01-20")
    shows(world, "A1", """
        period      numerator denominator preliminary
        2018        1         2           false
        2018-11     2         2           false
        2018-11_ytd 2         2           false
        2018-12     1         2           false
        2018-12_ytd 1         2           false
        2019        2         2           true
        2019-01     2         2           true
        2019-01_ytd 2         2           true
    """, "division_code = '440000' AND level = 'all'")  # fmt: skip


def test_a1_as_of_the_middle_of_a_month_knows_what_had_happened_by_then(world, shows):
    world.put("content_institution", """
        org_code opened_on  closed_on
        H        -          -
        late     -          -
        opens    2018-01-16 -
        closes   -          2018-01-16
    """).put("content_platform_connection", """
        org_code month   last_upload_at
        H        2018-01 2018-01-15_23:00:00
        late     2018-01 2018-01-16_00:00:00
        closes   2018-01 2018-01-02
        H        2018-02 2018-02-01
    """).build("2018-01-15")  # fmt: skip
    shows(world, "A1", """
        period  numerator denominator preliminary
        2018-01 2         3           true
    """, PROVINCE)  # fmt: skip


def test_a_record_counts_where_the_institution_stands_by_the_codes_of_2018(world, shows):
    world.put(
        "content_institution",
        """
        org_code division_code level city_code
        old      440102        3     440100
        ungraded 440305        0     440300
        nocounty 441900        2     441900
        moved    440106        1     440300
        abroad   110101        1     440400
    """,
    ).put(
        "content_emr",
        """
        org_code city_code booked
        old      440100    true
        old      440100    false
        ungraded 440300    true
        nocounty 441900    true
        moved    440300    true
        abroad   440400    true
        unknown  440500    true
        unknown  440000    true
    """,
    ).build()
    shows(
        world,
        "H8",
        """
        division_code level numerator denominator
        440000        0     1         1
        440000        1     2         2
        440000        2     1         1
        440000        3     1         2
        440000        all   7         8
        440100        1     1         1
        440100        3     1         2
        440100        all   2         3
        440104        3     1         2
        440104        all   1         2
        440106        1     1         1
        440106        all   1         1
        440300        0     1         1
        440300        all   1         1
        440305        0     1         1
        440305        all   1         1
        440400        1     1         1
        440400        all   1         1
        440500        all   1         1
        441900        2     1         1
        441900        all   1         1
    """,
        "period = '2018'",
    )


def test_a10_counts_by_feed_and_place(world, shows):
    world.put("content_institution", "org_code division_code level\nH 440106 3")
    world.put(
        "content_population",
        """
        person residence_division city_code updated_at
        r1     440103             440100    2018-01-31_23:59:59
        r2     440102             440100    2018-01-02
        r3     110101             440300    2018-01-02
    """,
    ).put(
        "content_emr",
        """
        person org_code start_at
        r1     H        2018-01-05
        u1     H        2018-01-06
        -      H        2018-01-07
        r2     unknown  2018-02-01
    """,
    ).build()
    shows(
        world,
        "A10",
        """
        period  division_code level breakdown       numerator denominator
        2018-01 440000        all   .               4         6
        2018-01 440000        all   feed=emr        1         3
        2018-01 440000        all   feed=population 3         3
        2018-01 440000        3     .               1         3
        2018-01 440000        3     feed=emr        1         3
        2018-01 440100        all   .               3         5
        2018-01 440100        all   feed=emr        1         3
        2018-01 440100        all   feed=population 2         2
        2018-01 440100        3     .               1         3
        2018-01 440100        3     feed=emr        1         3
        2018-01 440103        all   .               1         1
        2018-01 440103        all   feed=population 1         1
        2018-01 440104        all   .               1         1
        2018-01 440104        all   feed=population 1         1
        2018-01 440106        all   .               1         3
        2018-01 440106        all   feed=emr        1         3
        2018-01 440106        3     .               1         3
        2018-01 440106        3     feed=emr        1         3
        2018-01 440300        all   .               1         1
        2018-01 440300        all   feed=population 1         1
        2018-02 440000        all   .               1         1
        2018-02 440000        all   feed=emr        1         1
        2018-02 440100        all   .               1         1
        2018-02 440100        all   feed=emr        1         1
    """,
        "period IN ('2018-01', '2018-02')",
    )


def test_a14_counts_all_encounters_and_each_setting(world, shows):
    world.put(
        "content_emr",
        """
        encounter_type has_health_code start_at
        1              true            2018-01-31_23:59:59
        1              false           2018-01-01_00:00:00
        2              true            2018-01-15
        3              false           2018-01-15
        1              true            2018-02-01_00:00:00
    """,
    ).build()
    shows(
        world,
        "A14",
        """
        breakdown          numerator denominator
        .                  2         4
        setting=outpatient 1         2
        setting=emergency  1         1
        setting=inpatient  0         1
    """,
        "period = '2018-01' AND division_code = '440100' AND level = 'all'",
    )


def test_h8_counts_outpatient_visits_and_takes_an_empty_booked_for_no(world, shows):
    world.put(
        "content_emr",
        """
        encounter_type booked
        1              true
        1              false
        1              -
        2              true
        3              true
    """,
    ).build()
    shows(world, "H8", "numerator denominator value\n1 3 0.3333", PROVINCE)


def test_h12_counts_discharges_in_the_month_of_their_end_by_calendar_days(world, shows):
    world.put(
        "content_emr",
        """
        encounter_type start_at            end_at
        3              2018-01-30_23:30:00 2018-02-02_00:10:00
        3              2018-02-05_08:00:00 2018-02-05_20:00:00
        3              2018-02-28_23:59:59 2018-03-01_00:00:00
        3              2018-02-10          -
        1              2018-02-10          2018-02-12
    """,
    ).build()
    shows(world, "H12", """
        period  numerator denominator value
        2018-02 4         2           2
        2018-03 1         1           1
    """, PROVINCE)  # fmt: skip


def test_h14_sums_fees_of_all_types_in_the_month_they_start_and_takes_an_empty_drug_fee_for_none(world, shows):
    world.put(
        "content_emr",
        """
        encounter_type start_at   end_at     total_fee drug_fee
        1              2018-01-03 -          100.10    50.05
        2              2018-01-03 -          99.90     -
        3              2018-01-31 2018-02-04 800       300
        3              2018-02-01 -          0         0
    """,
    ).build()
    shows(
        world,
        "H14",
        """
        breakdown          numerator denominator value
        .                  350.05    1000        0.3501
        setting=outpatient 50.05     100.1       0.5
        setting=emergency  0         99.9        0
        setting=inpatient  300       800         0.375
    """,
        "period = '2018-01' AND division_code = '440000' AND level = 'all'",
    )


def test_as_of_a_day_counts_what_ends_that_day_and_nothing_after_it(world, shows):
    world.put("content_emr", """
        encounter_type start_at            end_at              booked
        3              2018-01-02          2018-01-15_23:59:59 -
        3              2018-01-02          2018-01-16_00:00:00 -
        1              2018-01-15_23:59:59 -                   true
        1              2018-01-16_00:00:00 -                   true
        1              2018-02-01          -                   true
    """).build("2018-01-15")  # fmt: skip
    shows(world, "H8", "period numerator denominator preliminary\n2018-01 1 1 true", PROVINCE)
    shows(world, "H12", "period numerator denominator preliminary\n2018-01 13 1 true", PROVINCE)
    shows(world, "A14", "period denominator\n2018-01 3", PROVINCE)


def test_a_period_is_preliminary_until_its_last_day(world, shows):
    world.put("content_emr", "start_at\n2018-01-05").build("2018-01-31")
    shows(
        world,
        "H8",
        """
        period      preliminary
        2018        true
        2018-01     false
        2018-01_ytd false
    """,
        "division_code = '440000' AND level = 'all'",
    )


def test_months_add_up_to_the_year_to_date_and_the_year(world, shows):
    world.put(
        "content_emr",
        """
        start_at   booked
        2017-12-31 true
        2018-01-05 true
        2018-03-05 false
    """,
    ).build("2018-04-02")
    shows(
        world,
        "H8",
        """
        period      numerator denominator
        2017        1         1
        2017-12     1         1
        2017-12_ytd 1         1
        2018        1         2
        2018-01     1         1
        2018-01_ytd 1         1
        2018-02_ytd 1         1
        2018-03     0         1
        2018-03_ytd 1         2
        2018-04_ytd 1         2
    """,
        "division_code = '440000' AND level = 'all'",
    )
