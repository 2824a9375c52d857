#!/bin/bash
# Brings Airflow's database to this version, makes the pools, the role of who approves, and the first account if there is none.
set -euo pipefail
airflow db migrate
python -m pipelines.scheduling.pools
airflow roles import deploy/roles.json  # Approver: answers what waits for people; beside Viewer, who sees
if ! airflow users list --output plain | awk '{print $2}' | grep -qxF "$YIMATONG_ADMIN"; then
  airflow users create --role Admin --username "$YIMATONG_ADMIN" --password "$YIMATONG_ADMIN_PASSWORD" \
    --firstname 一码通 --lastname Yimatong --email "$YIMATONG_ADMIN@localhost" >/dev/null
fi
