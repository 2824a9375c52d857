"""Which cities' public institutions are on a platform, and where do residents scan their code?"""

import sys

import duckdb

path = sys.argv[1] if len(sys.argv) > 1 else "demo/home/warehouse/current.duckdb"
with duckdb.connect(path, read_only=True) as warehouse:
    warehouse.sql("""
        SELECT
          division.zh AS 地市,
          division.en AS city,
          round(any_value(figure.value) FILTER (figure.indicator = 'A1'), 3) AS platform_access,
          round(any_value(figure.value) FILTER (figure.indicator = 'A14'), 3) AS code_use,
          round(any_value(figure.value) FILTER (figure.indicator = 'A10'), 3) AS identity
        FROM indicator_value AS figure
        JOIN dim_division AS division USING (division_code)
        WHERE figure.period = (
            SELECT max(period) FROM indicator_value WHERE NOT preliminary AND period SIMILAR TO '....-..'
          )
          AND division.level = 'city' AND figure.level = 'all' AND figure.breakdown = '' AND NOT figure.suppressed
        GROUP BY ALL
        ORDER BY platform_access DESC
    """).show()
