-- Every distinct name of a batch, worked on once: in simplified characters, and by its sound.
-- Reads link_folded, link_character. Gives link_spelling (written, name, sound_key; names that say nothing are missing).
-- Characters beyond the eighth stay as they are: nobody writes so long a name by ear.

CREATE OR REPLACE TEMP TABLE link_spelling AS
WITH written AS (
    SELECT name AS written FROM link_folded WHERE NOT link_newborn(name)
    UNION
    SELECT link_mother_name(name) FROM link_folded WHERE link_newborn(name)
),
said AS (
    SELECT written, link_said_name(written) AS name FROM written WHERE link_said_name(written) IS NOT NULL
),
spelled AS (
    SELECT
        s.written,
        concat(
            coalesce(c1.simple, s.name[1]), coalesce(c2.simple, s.name[2]), coalesce(c3.simple, s.name[3]),
            coalesce(c4.simple, s.name[4]), coalesce(c5.simple, s.name[5]), coalesce(c6.simple, s.name[6]),
            coalesce(c7.simple, s.name[7]), coalesce(c8.simple, s.name[8]), s.name[9:]
        ) AS name,
        concat_ws(
            ' ',
            coalesce(c1.sound, s.name[1]), coalesce(c2.sound, s.name[2]), coalesce(c3.sound, s.name[3]),
            coalesce(c4.sound, s.name[4]), coalesce(c5.sound, s.name[5]), coalesce(c6.sound, s.name[6]),
            coalesce(c7.sound, s.name[7]), coalesce(c8.sound, s.name[8]), s.name[9:]
        ) AS sound
    FROM said AS s
    LEFT JOIN link_character AS c1 ON c1.character = s.name[1]
    LEFT JOIN link_character AS c2 ON c2.character = s.name[2]
    LEFT JOIN link_character AS c3 ON c3.character = s.name[3]
    LEFT JOIN link_character AS c4 ON c4.character = s.name[4]
    LEFT JOIN link_character AS c5 ON c5.character = s.name[5]
    LEFT JOIN link_character AS c6 ON c6.character = s.name[6]
    LEFT JOIN link_character AS c7 ON c7.character = s.name[7]
    LEFT JOIN link_character AS c8 ON c8.character = s.name[8]
)
SELECT
    written,
    name,
    CASE WHEN NOT contains(name, '?') THEN link_key('name', name) END AS name_key,
    CASE WHEN NOT contains(name, '?') THEN link_key('sound', sound) END AS sound_key
FROM spelled;
