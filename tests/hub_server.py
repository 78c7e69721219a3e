"""A small Hugging Face hub on 127.0.0.1: as much of its API as fetching a model or a dataset needs, and the faults real hubs have.

Served from memory over real HTTP, standard library only:

- GET  /api/{models,datasets}/<repository>/revision/<revision>      what a branch resolves to, and the files with their digests
- HEAD, GET  /[datasets/]<repository>/resolve/<revision>/<file>     a file, from an offset where the request has a Range; of a
                                                                    large file, a redirect to the store
- GET  /store/<sha256>?signature=...                                a large file, at another host name: no token may be sent there

    with HubServer() as hub:
        hub.add("model", "someone/tiny", {"config.json": b"{}"})
        hub.fail("GET", "config.json", status=503)
        ... HF_ENDPOINT=hub.url ...
        assert hub.count("GET", "/resolve/") == 1
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

API = re.compile(r"/api/(?P<kind>model|dataset)s/(?P<repo_id>.+?)/revision/(?P<revision>[^/]+)")
RESOLVE = re.compile(r"/(?P<kind>datasets/)?(?P<repo_id>.+?)/resolve/(?P<revision>[^/]+)/(?P<file>.+)")
STORE = re.compile(r"/store/(?P<digest>[0-9a-f]{64})")
SIGNATURE = "X-Amz-Signature=a-secret-of-the-store"


@dataclass
class Repository:
    """A repository at one commit, which the branches in `branches` stand at; with a `token`, only who sends it is let in."""

    files: dict[str, bytes]
    commit: str
    branches: tuple[str, ...] = ("main",)
    token: str | None = None

    def knows(self, revision: str) -> bool:
        return revision == self.commit or revision in self.branches


@dataclass
class Fault:
    """What goes wrong with the next `times` requests of `method` that have `part` in their path.

    Attributes:
        status, headers: the answer instead of the true one.
        sends: of the body only so many bytes are sent before the connection is closed.
        content: the body instead of the true one, which all headers but its length still speak of.
        pause: seconds before each of 8 parts of the body.
        then: called when it happens, before the answer.
    """

    method: str
    part: str
    times: float
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    sends: int | None = None
    content: bytes | None = None
    pause: float = 0
    then: Callable[[], object] = lambda: None


@dataclass
class HubServer:
    """A hub that counts what it is asked, and fails when told to.

    Attributes:
        unknown_status: the status of a repository that is not there. The real hub says 401 to callers without a token.
        requests: (method, path) of every request so far.
        tokens: (path, Authorization header) of every request that had one.
    """

    unknown_status: int = 404
    requests: list[tuple[str, str]] = field(default_factory=list)
    tokens: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self):
        # Of each its commits, the newest first.
        self._repositories: dict[tuple[str, str], list[Repository]] = {}
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
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

    @property
    def store_url(self) -> str:
        return f"http://localhost:{self._server.server_port}/store"

    def add(
        self,
        kind: str,
        repo_id: str,
        files: dict[str, bytes],
        branches: tuple[str, ...] = ("main",),
        token: str | None = None,
    ) -> str:
        """Put a repository of `kind` model or dataset on the hub, or a commit on one that is there; returns the commit.

        Of a repository that is there, the branches move, and the commits before stay.
        """
        commit = hashlib.sha1(repr((kind, repo_id, sorted(files.items()))).encode()).hexdigest()
        before = [replace(old, branches=()) for old in self._repositories.get((kind, repo_id), [])]
        self._repositories[kind, repo_id] = [Repository(files, commit, branches, token), *before]
        return commit

    def fail(self, method: str, part: str, *, times: float = 1, **what: object) -> None:
        """Let the next `times` requests like these go wrong, see Fault. Faults come in the order they were told."""
        self._faults.append(Fault(method, part, times, **what))

    def repair(self) -> None:
        self._faults.clear()

    def fault_of(self, method: str, path: str) -> Fault | None:
        with self._lock:
            fault = next((one for one in self._faults if one.times and one.method in ("*", method) and one.part in path), None)
            if fault:
                fault.times -= 1
            return fault

    def commits(self, kind: str, repo_id: str) -> list[Repository]:
        return self._repositories.get((kind, repo_id), [])

    def stored(self, digest: str) -> bytes | None:
        commits = (commit for commits in self._repositories.values() for commit in commits)
        contents = (content for commit in commits for content in commit.files.values())
        return next((content for content in contents if hashlib.sha256(content).hexdigest() == digest), None)

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


def is_large(name: str) -> bool:
    """Whether the hub keeps a file of this name in its store."""
    return name.endswith((".safetensors", ".bin", ".msgpack"))


def git_blob(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    hub: HubServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        # A client that was killed, or has had enough, leaves in the middle.
        with contextlib.suppress(ConnectionError):
            self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.requests.append((self.command, path))
        if authorization := self.headers.get("Authorization"):
            self.hub.tokens.append((path, authorization))
        fault = self.hub.fault_of(self.command, path) or Fault(self.command, path, 1)
        fault.then()
        if fault.status:
            self._send(fault.status, b"told to fail", fault.headers)
        elif match := API.fullmatch(path):
            self._answer_api(fault, **match.groupdict())
        elif match := RESOLVE.fullmatch(path):
            self._answer_file(fault, **match.groupdict())
        elif (match := STORE.fullmatch(path)) and (content := self.hub.stored(match["digest"])) is not None:
            self._send_content(content, {}, fault)
        else:
            self._error(404, None, f"no such page: {path}")

    def _answer_api(self, fault: Fault, kind: str, repo_id: str, revision: str) -> None:
        if repository := self._repository(kind, repo_id, revision):
            siblings = [_listed(name, content) for name, content in repository.files.items()]
            body = json.dumps({"id": repo_id, "sha": repository.commit, "siblings": siblings}).encode()
            self._send_content(body, {"Content-Type": "application/json"}, fault)

    def _answer_file(self, fault: Fault, kind: str | None, repo_id: str, revision: str, file: str) -> None:
        repository = self._repository("dataset" if kind else "model", repo_id, revision)
        if not repository:
            return
        if file not in repository.files:
            self._error(404, "EntryNotFound", "Entry not found")
            return
        content, digest = repository.files[file], hashlib.sha256(repository.files[file]).hexdigest()
        headers = {"X-Repo-Commit": repository.commit}
        if is_large(file):
            # The digest of its pointer is the ETag of this answer, the store's are the linked ones.
            headers |= {"X-Linked-Etag": f'"{digest}"', "X-Linked-Size": str(len(content)), "ETag": '"a-pointer"'}
            self._send(302, b"Found", {**headers, "Location": f"{self.hub.store_url}/{digest}?{SIGNATURE}"})
        else:
            self._send_content(content, {**headers, "ETag": f'"{git_blob(content)}"'}, fault)

    def _send_content(self, content: bytes, headers: dict[str, str], fault: Fault) -> None:
        content = content if fault.content is None else fault.content
        offset = int(found[1]) if (found := re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))) else 0
        if offset and offset >= len(content):
            self._send(416, b"", {"Content-Range": f"bytes */{len(content)}"})
            return
        self.send_response(206 if offset else 200)
        length = {"Content-Length": str(len(content) - offset)}
        if offset:
            length["Content-Range"] = f"bytes {offset}-{len(content) - 1}/{len(content)}"
        for name, value in {**headers, **length, **fault.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "GET":
            return
        limit = len(content) if fault.sends is None else fault.sends
        body = content[offset:limit]
        step = max(len(body) // 8, 1) if fault.pause else max(len(body), 1)
        for start in range(0, len(body), step):
            time.sleep(fault.pause)
            self.wfile.write(body[start : start + step])
        self.close_connection = fault.sends is not None or bool(fault.headers)

    def _repository(self, kind: str, repo_id: str, revision: str) -> Repository | None:
        """The repository, or None once the error is answered."""
        commits = self.hub.commits(kind, repo_id)
        token = commits[0].token if commits else None
        if not commits:
            self._error(self.hub.unknown_status, "RepoNotFound", "Repository not found")
        elif token and self.headers.get("Authorization") != f"Bearer {token}":
            self._error(401 if "Authorization" not in self.headers else 403, "GatedRepo", f"Access to {repo_id} is restricted")
        elif found := next((commit for commit in commits if commit.knows(revision)), None):
            return found
        else:
            self._error(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return None

    def _error(self, status: int, code: str | None, message: str) -> None:
        headers = {"X-Error-Message": message} | ({"X-Error-Code": code} if code else {})
        self._send(status, json.dumps({"error": message}).encode(), {"Content-Type": "application/json", **headers})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _listed(name: str, content: bytes) -> dict:
    """A file as the hub lists it: of a large one, the digest of its content stands beside that of its pointer."""
    sha256 = hashlib.sha256(content).hexdigest()
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %d\n" % (sha256.encode(), len(content))
    if not is_large(name):
        return {"rfilename": name, "size": len(content), "blobId": git_blob(content)}
    lfs = {"sha256": sha256, "size": len(content), "pointerSize": len(pointer)}
    return {"rfilename": name, "size": len(content), "blobId": git_blob(pointer), "lfs": lfs}
