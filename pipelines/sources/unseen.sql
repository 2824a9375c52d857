-- Which of the rows that were read no earlier pull has delivered, and what left the days that were not read.
-- Reads read_row (the columns of the table as text, key_mark, row_mark, moment): what this pull has read.
-- Reads delivered_mark (pull_no, extracted_at, key_mark, row_mark, moment): what the pulls that it goes on from delivered.
-- A mark is half an MD5 of the key's or the row's text; `moment` is `updated_at` in seconds, NULL where it is no time.
-- Variable extracted_at: when this pull's snapshot was taken, in seconds.
-- Gives last_mark, moved_from (day, rows, seconds) and unseen_row.

-- The last that was delivered of each key that was read.
CREATE OR REPLACE TEMP TABLE last_mark AS
SELECT pull_no, extracted_at, key_mark, row_mark, moment
FROM delivered_mark
SEMI JOIN read_row ON read_row.key_mark = delivered_mark.key_mark
QUALIFY rank() OVER (PARTITION BY key_mark ORDER BY pull_no DESC) = 1;

-- A row that was read elsewhere has left the day on which it was delivered.
CREATE OR REPLACE TEMP VIEW moved_from AS
SELECT
  coalesce(strftime(make_timestamp(moment * 1000000), '%Y-%m-%d'), '') AS day,
  count(*) AS rows,
  coalesce(sum(((moment % 86400) + 86400) % 86400), 0)::BIGINT AS seconds
FROM last_mark
GROUP BY ALL;

-- A row that was delivered while it lay in the future was refused: once its time has come, it is delivered again.
CREATE OR REPLACE TEMP VIEW unseen_row AS
SELECT read_row.*
FROM read_row
ANTI JOIN last_mark
  ON last_mark.key_mark = read_row.key_mark
  AND last_mark.row_mark = read_row.row_mark
  AND (read_row.moment IS NULL OR read_row.moment <= last_mark.extracted_at OR read_row.moment > getvariable('extracted_at'));
