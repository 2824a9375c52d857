-- The calendar of the figures: from the first month that was delivered, or else that any event counts in, to the month of the as-of
-- date; what is open or live in a month is so at its end, or on the as-of date.
-- Reads build_info, month_cell, fact_connection and the variable as_of. Gives calendar.
CREATE OR REPLACE TEMP TABLE calendar AS
SELECT month, least(last_day(month), getvariable('as_of')) AS counted_on
FROM (
  SELECT unnest(generate_series(
    least(
      coalesce(
        (SELECT first_month FROM build_info),
        least((SELECT min(month) FROM month_cell), (SELECT min(month) FROM fact_connection))
      ),
      date_trunc('month', getvariable('as_of'))
    )::TIMESTAMP,
    getvariable('as_of')::TIMESTAMP,
    INTERVAL 1 MONTH
  ))::DATE AS month
)
