-- Periods of the figures: each month of the calendar, each year to date, each year.
-- Reads calendar and the variable as_of. Gives period_month: each period's months, which of them is its last, whether the period
-- is not over, and whether the calendar holds the same months of the year before.
CREATE OR REPLACE TEMP TABLE period_month AS
WITH period AS (
  SELECT strftime(month, '%Y-%m') AS period, month AS first_month, month AS last_month, last_day(month) AS ends_on
  FROM calendar
  UNION ALL
  SELECT
    strftime(month, '%Y-%m ytd') AS period,
    date_trunc('year', month)::DATE AS first_month,
    month AS last_month,
    last_day(month) AS ends_on
  FROM calendar
  UNION ALL
  SELECT
    strftime(min(month), '%Y') AS period,
    date_trunc('year', min(month))::DATE AS first_month,
    max(month) AS last_month,
    make_date(year(month), 12, 31) AS ends_on
  FROM calendar
  GROUP BY year(month)
)
SELECT
  period.period,
  calendar.month,
  calendar.month = period.last_month AS is_last,
  period.ends_on > getvariable('as_of') AS preliminary,
  period.first_month - INTERVAL 1 YEAR >= (SELECT min(month) FROM calendar) AS has_year_before
FROM period
JOIN calendar ON calendar.month BETWEEN period.first_month AND period.last_month
