"""A small Hugging Face hub on 127.0.0.1: as much of its API as fetching a model or a dataset needs.

Served from memory over real HTTP, standard library only:

- GET  /api/{models,datasets}/<repository>/revision/<revision>      what a branch resolves to
- GET  /api/{models,datasets}/<repository>/tree/<revision>          the files
- HEAD, GET  /[datasets/]<repository>/resolve/<revision>/<file>     a file, from an offset where the request has a Range

    with HubServer() as hub:
        hub.add("model", "someone/tiny", {"config.json": b"{}"})
        ... HF_ENDPOINT=hub.url ...
        assert hub.count("GET", "/resolve/") == 1
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

API = re.compile(r"/api/(?P<kind>model|dataset)s/(?P<repo_id>.+?)/(?P<what>revision|tree)/(?P<revision>[^/]+)")
RESOLVE = re.compile(r"/(?P<kind>datasets/)?(?P<repo_id>.+?)/resolve/(?P<revision>[^/]+)/(?P<file>.+)")


@dataclass
class Repository:
    """A repository at one commit, which the branches in `branches` stand at."""

    files: dict[str, bytes]
    commit: str
    branches: tuple[str, ...] = ("main",)

    def knows(self, revision: str) -> bool:
        return revision == self.commit or revision in self.branches


@dataclass
class HubServer:
    """A hub that counts what it is asked, and fails when told to.

    Attributes:
        unknown_status: the status of a repository that is not there. The real hub says 401 to callers without a token.
        fail_status: answer every request with this status.
        break_off: of each file of this name, only so many bytes are ever sent before the connection is closed.
        requests: (method, path) of every request so far.
    """

    unknown_status: int = 404
    fail_status: int | None = None
    break_off: dict[str, int] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self):
        self._repositories: dict[tuple[str, str], Repository] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": self}))
        # A client that keeps its connection open must not keep the test from ending.
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        self._running = True

    def __enter__(self) -> HubServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def add(self, kind: str, repo_id: str, files: dict[str, bytes], branches: tuple[str, ...] = ("main",)) -> str:
        """Put a repository of `kind` model or dataset on the hub; returns its commit."""
        commit = hashlib.sha1(repr((kind, repo_id, sorted(files.items()))).encode()).hexdigest()
        self._repositories[kind, repo_id] = Repository(files, commit, branches)
        return commit

    def find(self, kind: str, repo_id: str) -> Repository | None:
        return self._repositories.get((kind, repo_id))

    def count(self, method: str, part: str = "") -> int:
        """How many requests of `method` had `part` in their path."""
        return sum(asked == method and part in path for asked, path in self.requests)

    def stop(self) -> None:
        """Go away: from now on connections are refused."""
        if self._running:
            self._running = False
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: HubServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.requests.append((self.command, path))
        if self.hub.fail_status:
            self._error(self.hub.fail_status, None, "told to fail")
        elif match := API.fullmatch(path):
            self._answer_api(**match.groupdict())
        elif match := RESOLVE.fullmatch(path):
            self._answer_file(**match.groupdict())
        else:
            self._error(404, None, f"no such page: {path}")

    def _answer_api(self, kind: str, repo_id: str, what: str, revision: str) -> None:
        repository = self._repository(kind, repo_id, revision)
        if repository and what == "revision":
            siblings = [{"rfilename": name} for name in repository.files]
            self._json({"id": repo_id, "sha": repository.commit, "siblings": siblings})
        elif repository:
            self._json(
                [
                    {"type": "file", "path": name, "size": len(content), "oid": hashlib.sha1(content).hexdigest()}
                    for name, content in repository.files.items()
                ]
            )

    def _answer_file(self, kind: str | None, repo_id: str, revision: str, file: str) -> None:
        repository = self._repository("dataset" if kind else "model", repo_id, revision)
        if not repository:
            return
        if file not in repository.files:
            self._error(404, "EntryNotFound", "Entry not found")
            return
        content = repository.files[file]
        offset = int(found[1]) if (found := re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))) else 0
        self.send_response(206 if offset else 200)
        self.send_header("ETag", f'"{hashlib.sha1(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", repository.commit)
        self.send_header("Content-Length", str(len(content) - offset))
        if offset:
            self.send_header("Content-Range", f"bytes {offset}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        if self.command == "GET":
            limit = self.hub.break_off.get(file, len(content))
            self.wfile.write(content[offset:limit])
            self.close_connection = limit < len(content)

    def _repository(self, kind: str, repo_id: str, revision: str) -> Repository | None:
        """The repository, or None once the error is answered."""
        repository = self.hub.find(kind, repo_id)
        if not repository:
            self._error(self.hub.unknown_status, "RepoNotFound", "Repository not found")
        elif not repository.knows(revision):
            self._error(404, "RevisionNotFound", f"Invalid rev id: {revision}")
            repository = None
        return repository

    def _json(self, value: object) -> None:
        self._send(200, json.dumps(value).encode(), {})

    def _error(self, status: int, code: str | None, message: str) -> None:
        headers = {"X-Error-Message": message} | ({"X-Error-Code": code} if code else {})
        self._send(status, json.dumps({"error": message}).encode(), headers)

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
