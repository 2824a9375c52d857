-- The calendar of the figures: from the first month that anything counts in to the month of the as-of date.
-- Reads month_cell and the variable as_of. Gives period_month: each period's months, which of them is its last,
-- and whether the period is not over.
CREATE OR REPLACE TEMP TABLE period_month AS
WITH calendar AS (
  SELECT unnest(generate_series(
    coalesce((SELECT min(month) FROM month_cell), date_trunc('month', getvariable('as_of')))::TIMESTAMP,
    getvariable('as_of')::TIMESTAMP,
    INTERVAL 1 MONTH
  ))::DATE AS month
),
period AS (
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
    min(month) AS first_month,
    max(month) AS last_month,
    make_date(year(month), 12, 31) AS ends_on
  FROM calendar
  GROUP BY year(month)
)
SELECT
  period.period,
  calendar.month,
  calendar.month = period.last_month AS is_last,
  period.ends_on > getvariable('as_of') AS preliminary
FROM period
JOIN calendar ON calendar.month BETWEEN period.first_month AND period.last_month
