-- Which row of each key counts, for one feed and the cities that something came from.
-- Reads settle_row (city, source_key, row_id, updated_at, op, place, last_seen): the rows of the former index and of the
-- new deliveries; `place` is the row's delivery by period and sequence, `last_seen` the last delivery that held the key.
-- Reads settle_snapshot (city, place, extracted_at): the full deliveries; settle_refused (city, source_key, place): the
-- keys of rows that these hold and that were refused.
-- Gives settled (city, source_key, row_id, updated_at, op, place, last_seen, live).

CREATE OR REPLACE TEMP TABLE settle_suspect AS
SELECT hash(city, source_key) AS key_hash
FROM settle_row
GROUP BY ALL
HAVING count(*) > 1;

-- A key met once, which is most, needs no window; hashes narrow the search, keys decide.
CREATE OR REPLACE TEMP TABLE settle_winner AS
SELECT city, source_key, row_id, updated_at, op, place, last_seen
FROM settle_row
WHERE hash(city, source_key) NOT IN (SELECT key_hash FROM settle_suspect)
UNION ALL
SELECT city, source_key, row_id, updated_at, op, place, seen AS last_seen
FROM (
  SELECT
    *,
    max(last_seen) OVER (PARTITION BY city, source_key) AS seen,
    row_number() OVER (PARTITION BY city, source_key ORDER BY updated_at DESC, place DESC, row_id DESC) AS nth
  FROM settle_row
  WHERE hash(city, source_key) IN (SELECT key_hash FROM settle_suspect)
)
WHERE nth = 1;

-- A key has gone when a later snapshot lacks it, unless it was updated after that snapshot was taken. A row that was
-- refused still says that its key is there.
CREATE OR REPLACE TEMP TABLE settle_gone AS
SELECT DISTINCT winner.row_id
FROM settle_winner AS winner
JOIN settle_snapshot AS snapshot
  ON snapshot.city = winner.city
  AND snapshot.place > winner.last_seen
  AND snapshot.extracted_at >= winner.updated_at
ANTI JOIN settle_refused AS refused
  ON refused.city = winner.city
  AND refused.source_key = winner.source_key
  AND refused.place >= snapshot.place;

CREATE OR REPLACE TEMP VIEW settled AS
SELECT *, op <> 'D' AND row_id NOT IN (SELECT row_id FROM settle_gone) AS live
FROM settle_winner;
