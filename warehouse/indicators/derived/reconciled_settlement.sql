-- Settlements, and whether an encounter matches. Reads fact_settlement, settled_encounter.
CREATE OR REPLACE TEMP VIEW reconciled_settlement AS
SELECT
  settlement.person_key,
  settlement.org_code,
  settlement.city_code,
  settlement.settled_at,
  matching.settlement_id IS NOT NULL AS matched
FROM fact_settlement AS settlement
LEFT JOIN (SELECT DISTINCT settlement_id FROM settled_encounter) AS matching
  ON matching.settlement_id = settlement.settlement_id
