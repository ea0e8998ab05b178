"""The metrics port: figures of all workers added up (decision 4)."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def serve_metrics(address: str, port: int) -> Iterator[None]:
    """Serve `/metrics` while the workers that start inside this block write their figures."""
    folder = tempfile.mkdtemp(prefix="ecps-metrics-")
    os.environ[_FOLDER] = folder
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]  # as shipped
    server, thread = start_http_server(port, address, registry)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        os.environ.pop(_FOLDER, None)
        shutil.rmtree(folder, ignore_errors=True)
