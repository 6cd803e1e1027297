# One image for web, worker and beat; docker-compose.yml names the command of each.

FROM node:22-slim AS assets
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM python:3.12-slim AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements/product.txt .
RUN /opt/venv/bin/pip install --require-hashes -r product.txt

FROM python:3.12-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings.prod \
    VAR_DIR=/var/lib/gongjian \
    WEB_BIND=0.0.0.0:8000
RUN groupadd --gid 10001 gongjian \
    && useradd --uid 10001 --gid gongjian --home-dir /var/lib/gongjian --shell /usr/sbin/nologin gongjian \
    && install -d -o gongjian -g gongjian -m 750 /var/lib/gongjian /var/lib/gongjian/media
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
COPY . .
COPY --from=assets /build/node_modules /app/node_modules
# The collected files belong to the image, not to the data volume: a new image brings its own. The key signs nothing.
RUN python static/vendor.py \
    && rm -rf node_modules \
    && STATIC_DIR=/app/collected SECRET_KEY=build-only SITE_URL=https://build.invalid \
       python manage.py collectstatic --noinput --ignore '*.py'
ENV STATIC_DIR=/app/collected
USER gongjian
VOLUME /var/lib/gongjian
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "-m", "config.probe", "web"]
CMD ["gunicorn", "config.wsgi", "--config", "python:config.gunicorn"]
