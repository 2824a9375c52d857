# One image for all processes: what requirements.lock names, this project, and a user who is not root.
FROM python:3.11-slim-bookworm AS build
ARG PIP_INDEX_URL
COPY requirements.lock /tmp/
RUN python -m venv /opt/venv && /opt/venv/bin/python -m pip install --no-cache-dir --require-hashes -r /tmp/requirements.lock
WORKDIR /opt/yimatong
COPY . .
RUN /opt/venv/bin/python -m pip install --no-cache-dir --no-deps --no-build-isolation --editable .

FROM python:3.11-slim-bookworm
ARG UID=10001
RUN useradd --uid "$UID" --create-home yimatong \
 && install -d -o yimatong -g yimatong /var/lib/yimatong /var/lib/yimatong/home /var/lib/yimatong/inbox \
    /var/lib/yimatong/exports /var/lib/yimatong/logs
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/yimatong /opt/yimatong
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /opt/yimatong
USER yimatong
CMD ["yimatong", "--help"]
