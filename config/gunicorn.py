"""How gunicorn serves the site; the demo, a single office PC and the container all use this file."""

import os

bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
# Synchronous views in threads: on one process they share the embedded database and its cache.
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "1"))
threads = int(os.environ.get("WEB_THREADS", "8"))
timeout = 60
graceful_timeout = 4
keepalive = 5
accesslog = None  # request lines carry addresses and one-time links; the proxy decides what it keeps
errorlog = "-"
loglevel = "warning"
control_socket_disable = True
# A heartbeat file on a disk that is being backed up can stall a worker.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - a memory file system
