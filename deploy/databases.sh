#!/bin/bash
# Makes the databases of Airflow and of the ledger, each with an account of its own; PostgreSQL's image runs it once.
set -euo pipefail
psql --set ON_ERROR_STOP=1 --quiet --username "${POSTGRES_USER:-postgres}" --dbname postgres <<SQL
\getenv airflow AIRFLOW_DB_PASSWORD
\getenv yimatong YIMATONG_DB_PASSWORD
CREATE ROLE airflow LOGIN PASSWORD :'airflow';
CREATE ROLE yimatong LOGIN PASSWORD :'yimatong';
CREATE DATABASE airflow OWNER airflow ENCODING 'UTF8' TEMPLATE template0;
CREATE DATABASE yimatong OWNER yimatong ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE airflow, yimatong FROM PUBLIC;
SQL
