-- Settlements, and whether an encounter matches: of the same person and institution, on overlapping days, its fee within 1 %.
-- Reads fact_settlement, fact_encounter.
CREATE OR REPLACE TEMP VIEW reconciled_settlement AS
SELECT
  settlement.person_key,
  settlement.org_code,
  settlement.city_code,
  settlement.settled_at,
  matching.settlement_id IS NOT NULL AS matched
FROM fact_settlement AS settlement
LEFT JOIN (
  SELECT DISTINCT paid.settlement_id
  FROM fact_settlement AS paid
  JOIN fact_encounter AS encounter
    ON encounter.person_key = paid.person_key
    AND encounter.org_code = paid.org_code
    AND encounter.start_at::DATE <= coalesce(paid.end_at, paid.begin_at)::DATE
    AND coalesce(encounter.end_at, encounter.start_at)::DATE >= paid.begin_at::DATE
    AND abs(encounter.total_fee - paid.medfee_sumamt) * 100 <= paid.medfee_sumamt
) AS matching ON matching.settlement_id = settlement.settlement_id
