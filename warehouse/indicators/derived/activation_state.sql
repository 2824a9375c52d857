-- Health codes activated so far, and residents, by city and month of the calendar.
-- Reads fact_code_activation, resident_state, dim_division, calendar.
CREATE OR REPLACE TEMP TABLE activation_state AS
SELECT
  resident.city_code,
  calendar.month,
  coalesce((
    SELECT sum(activation.activated)
    FROM fact_code_activation AS activation
    WHERE activation.city_code = resident.city_code AND activation.day <= calendar.counted_on
  ), 0) AS activated,
  resident.residents
FROM (
  SELECT division.city_code, state.month, sum(state.residents) AS residents
  FROM resident_state AS state
  JOIN dim_division AS division ON division.division_code = state.residence_division
  GROUP BY division.city_code, state.month
) AS resident
JOIN calendar ON calendar.month = resident.month
