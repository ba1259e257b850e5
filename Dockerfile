# The reading room in a container: docs/server.md. The archive and the settings are in /data.
FROM python:3.13-slim-bookworm AS build
WORKDIR /build
COPY locks/runtime.txt locks/build.txt locks/
RUN python -m venv /opt/searchkit \
    && /opt/searchkit/bin/pip install --no-cache-dir --no-deps --require-hashes --only-binary :all: --requirement locks/runtime.txt \
    && python -m venv tools \
    && tools/bin/pip install --no-cache-dir --no-deps --require-hashes --only-binary :all: --requirement locks/build.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY searchkit/ searchkit/
RUN tools/bin/pip wheel --no-index --no-deps --no-build-isolation --wheel-dir wheel . \
    && /opt/searchkit/bin/pip install --no-index --no-deps wheel/*.whl \
    && /opt/searchkit/bin/pip uninstall --yes pip

FROM python:3.13-slim-bookworm
COPY --from=build /opt/searchkit /opt/searchkit
RUN install --directory --owner 10001 --group 10001 --mode 700 /data
# The setting is the path of a file.
# hadolint ignore=DL3064
ENV PATH=/opt/searchkit/bin:$PATH \
    HOME=/data \
    SEARCHKIT_ARCHIVE=/data/archive \
    SEARCHKIT_SERVE_TOKENS=/data/tokens
WORKDIR /data
VOLUME /data
USER 10001:10001
EXPOSE 8650
HEALTHCHECK --interval=30s --timeout=10s --start-period=10s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8650/health', timeout=5)"]
ENTRYPOINT ["searchkit"]
CMD ["serve", "--host", "0.0.0.0"]
