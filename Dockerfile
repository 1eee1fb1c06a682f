# One recipe for every service: the image is the same, the command names the room (services.intake, services.payments …).
FROM python:3.11-slim-bookworm AS build
WORKDIR /build
COPY requirements.lock .
# Only the services' part of the lock: what developers add is not shipped.
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv /opt/zhixing \
    && sed '/^# --- development only/,$d' requirements.lock > services.lock \
    && /opt/zhixing/bin/python -m pip install --disable-pip-version-check --no-compile --require-hashes -r services.lock
COPY libs /srv/zhixing/libs
COPY services /srv/zhixing/services
COPY devstack /srv/zhixing/devstack
# Compiled now, because the running file system is read-only.
RUN /opt/zhixing/bin/python -m compileall -q -j 0 /opt/zhixing/lib /srv/zhixing

FROM python:3.11-slim-bookworm
RUN groupadd --system --gid 10001 zhixing \
    && useradd --system --uid 10001 --gid zhixing --home-dir /srv/zhixing --no-create-home zhixing
COPY --from=build /opt/zhixing /opt/zhixing
COPY --from=build /srv/zhixing /srv/zhixing
WORKDIR /srv/zhixing
ENV PATH=/opt/zhixing/bin:$PATH \
    PYTHONPATH=/srv/zhixing \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000
USER 10001:10001
EXPOSE 8000
# The development stack's commands are in the image for `keys` and `token`; broker and database come from elsewhere.
ENTRYPOINT ["python", "-m"]
CMD ["services.intake"]
HEALTHCHECK --interval=15s --timeout=10s --start-period=90s --start-interval=2s --retries=3 \
    CMD ["python", "-m", "devstack.probe"]
