"""The faults that real hubs have: each ends in success after some attempts, or in words, and never in a part of a file."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from hub_server import SIGNATURE, HubServer
from test_hub import ALWAYS, DATASET, MODEL, Fetched, assert_refused, fetch

from parity.errors import InputError
from parity.hub import check_fetched
from parity.hub_faults import plain

WEIGHTS = "model.safetensors"
FETCHED = {"config.json", "tokenizer.json", "spiece.model", "special_tokens.txt", WEIGHTS}
STORE = "/store/" + hashlib.sha256(MODEL[WEIGHTS]).hexdigest()
LIST, FILE = "/revision/", "config.json"
WHERE = "model someone/tiny-t5 at main: "


@pytest.fixture
def hub():
    with HubServer() as server:
        server.add("model", "someone/tiny-t5", MODEL)
        server.add("dataset", "someone/talks", DATASET)
        yield server


def fetch_model(hub: HubServer, tmp_path: Path, **options) -> Fetched:
    return fetch(hub, tmp_path, "model", "someone/tiny-t5", "main", **options)


def assert_whole(done: Fetched) -> None:
    assert (done.status, done.terminal) == (0, ""), done.log
    assert done.files == {name: MODEL[name] for name in FETCHED}


@pytest.mark.parametrize("place", [("GET", LIST), ("HEAD", FILE), ("GET", FILE), ("GET", STORE)], ids=" ".join)
@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_hub_is_asked_again_wherever_it_is_busy(hub, tmp_path, place, status):
    hub.fail(*place, status=status, times=2)
    done = fetch_model(hub, tmp_path)
    assert_whole(done)
    assert done.waits == [1, 2]
    assert f"HTTP status {status}" in done.log


def test_a_hub_is_waited_for_as_long_as_it_asks(hub, tmp_path):
    hub.fail("GET", STORE, status=429, headers={"Retry-After": "37"})
    done = fetch_model(hub, tmp_path)
    assert_whole(done)
    assert done.waits == [37]


def test_a_hub_that_asks_to_wait_for_hours_is_not_waited_for(hub, tmp_path):
    hub.fail("GET", LIST, status=429, headers={"Retry-After": "7200"}, times=ALWAYS)
    done = fetch_model(hub, tmp_path)
    assert_refused(done, f"{WHERE}the hub is busy (HTTP status 429) and asks to wait for 7200 s", "Run it again later")
    assert (done.waits, len(hub.requests)) == ([], 1)


@pytest.mark.parametrize("place", [("GET", LIST), ("HEAD", FILE), ("GET", FILE), ("GET", STORE)], ids=" ".join)
def test_a_hub_that_stays_busy_is_given_up_after_five_attempts(hub, tmp_path, place):
    hub.fail(*place, status=503, times=ALWAYS)
    done = fetch_model(hub, tmp_path)
    assert_refused(done, f"{WHERE}the hub is busy or out of order (HTTP status 503, again and again)", "source: folder")
    assert done.waits == [1, 2, 4, 8]
    assert hub.count(*place) == 5


def test_the_number_of_attempts_can_be_set(hub, tmp_path):
    hub.fail("*", "", status=500, times=ALWAYS)
    done = fetch_model(hub, tmp_path, PARITY_HUB_ATTEMPTS="2")
    assert_refused(done, "HTTP status 500")
    assert len(hub.requests) == 2


@pytest.mark.parametrize(("place", "size"), [(("GET", STORE), 300_000), (("GET", "spiece.model"), 1)], ids=["large", "small"])
def test_a_file_that_breaks_off_goes_on_where_it_broke_off(hub, tmp_path, place, size):
    hub.fail(*place, sends=size)
    done = fetch_model(hub, tmp_path)
    assert_whole(done)
    assert hub.count(*place) == 2


def test_a_file_that_always_breaks_off_leaves_no_folder(hub, tmp_path):
    hub.fail("GET", STORE, sends=300_000, times=ALWAYS)
    done = fetch_model(hub, tmp_path)
    assert_refused(done, f"{WHERE}the hub cannot be reached", "make fetch CONFIG=")
    assert 5 <= hub.count("GET", STORE) <= 5 * 7


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"content": MODEL[WEIGHTS][:-5]}, "file should be of size 1048576 but has size 1048571"),
        ({"content": MODEL[WEIGHTS] + b"more"}, "file should be of size 1048576 but has size 1048580"),
        ({"content": b"!" + MODEL[WEIGHTS][1:]}, f"{WEIGHTS} has 1048576 bytes, SHA-256"),
    ],
    ids=["shorter", "longer", "other bytes"],
)
def test_a_large_file_that_is_not_what_the_hub_lists_is_an_error(hub, tmp_path, what, said):
    hub.fail("GET", STORE, times=ALWAYS, **what)
    assert_refused(fetch_model(hub, tmp_path), WHERE, said)
    assert hub.count("GET", STORE) == 5


def test_a_small_file_that_changed_at_the_same_revision_is_an_error(hub, tmp_path):
    hub.fail("GET", "test.csv", times=ALWAYS, content=DATASET["test.csv"].replace(b",", b";"))
    done = fetch(hub, tmp_path, "dataset", "someone/talks", "main", ["test.csv"])
    assert_refused(
        done,
        "dataset someone/talks at main: what arrived is not what the hub lists: test.csv has 29 bytes, git blob",
        "Nothing of it was kept",
    )


def test_a_file_that_was_damaged_on_its_way_is_fetched_again(hub, tmp_path):
    hub.fail("GET", STORE, content=bytes(len(MODEL[WEIGHTS])))
    assert_whole(fetch_model(hub, tmp_path))


def test_a_file_that_changes_while_it_breaks_off_is_not_put_together_from_both(hub, tmp_path):
    hub.fail("GET", STORE, sends=300_000)
    hub.fail("GET", STORE, content=MODEL[WEIGHTS][::-1])
    assert_whole(fetch_model(hub, tmp_path))
    assert hub.count("GET", STORE) == 3


def test_a_branch_that_moves_during_the_fetch_gives_the_files_of_the_first_commit(hub, tmp_path):
    [first] = hub.commits("model", "someone/tiny-t5")
    hub.fail("HEAD", FILE, then=lambda: hub.add("model", "someone/tiny-t5", {name: b"moved" for name in MODEL}))
    done = fetch_model(hub, tmp_path)
    assert len(hub.commits("model", "someone/tiny-t5")) == 2
    assert_whole(done)
    assert done.record["commit"] == first.commit


def test_a_slow_body_arrives(hub, tmp_path):
    hub.fail("GET", STORE, pause=0.3)
    assert_whole(fetch_model(hub, tmp_path, HF_HUB_DOWNLOAD_TIMEOUT="1"))
    assert hub.count("GET", STORE) == 1


@pytest.mark.parametrize("place", [("GET", LIST), ("GET", STORE)], ids=["list", "file"])
def test_a_body_that_stands_still_is_given_up_and_asked_for_again(hub, tmp_path, place):
    hub.fail(*place, pause=3)
    assert_whole(fetch_model(hub, tmp_path, HF_HUB_DOWNLOAD_TIMEOUT="1"))
    assert hub.count(*place) == 2


@pytest.mark.parametrize(("token", "status"), [({}, 401), ({"HF_TOKEN": "hf_somebody_else"}, 403)], ids=["no token", "another"])
def test_a_gated_repository_is_said_to_be_gated(hub, tmp_path, token, status):
    hub.add("model", "someone/gated", MODEL, token="hf_the_right_one")
    done = fetch(hub, tmp_path, "model", "someone/gated", "main", **token)
    assert_refused(done, "model someone/gated at main: it is gated", "Ask for access", "set HF_TOKEN")
    assert len(hub.requests) == 1


def test_a_token_opens_a_gated_repository_and_is_sent_to_the_hub_alone(hub, tmp_path):
    hub.add("model", "someone/gated", MODEL, token="hf_the_right_one")
    done = fetch(hub, tmp_path, "model", "someone/gated", "main", HF_TOKEN="hf_the_right_one")
    assert_whole(done)
    assert {authorization for _, authorization in hub.tokens} == {"Bearer hf_the_right_one"}
    assert not [path for path, _ in hub.tokens if path.startswith("/store/")]
    assert hub.count("GET", STORE) == 1


def test_a_token_that_the_hub_does_not_take_is_said(hub, tmp_path):
    hub.fail("*", "", status=401, headers={"X-Error-Message": "Invalid credentials in Authorization header"}, times=ALWAYS)
    done = fetch_model(hub, tmp_path, HF_TOKEN="hf_outdated")
    assert_refused(done, f"{WHERE}the hub refuses (HTTP status 401", "Check HF_TOKEN")
    assert "hf_outdated" not in done.log + done.terminal


def test_a_name_that_no_server_has_is_said(hub, tmp_path):
    done = fetch_model(hub, tmp_path, HF_ENDPOINT="http://hub.invalid", PARITY_HUB_ATTEMPTS="2")
    assert_refused(done, f"{WHERE}the hub cannot be reached", "make fetch CONFIG=")


def test_a_hub_that_goes_away_while_fetching_is_given_up(hub, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    hub.fail("HEAD", WEIGHTS, status=302, headers={
        "Location": f"http://localhost:{port}/gone", "X-Repo-Commit": hub.commits("model", "someone/tiny-t5")[0].commit,
        "X-Linked-Etag": f'"{STORE[7:]}"', "X-Linked-Size": str(len(MODEL[WEIGHTS])),
    }, times=ALWAYS)  # fmt: skip
    done = fetch_model(hub, tmp_path, PARITY_HUB_ATTEMPTS="2")
    assert_refused(done, f"{WHERE}the hub cannot be reached")


@pytest.mark.parametrize("name", ["../outside.json", "/tmp/outside.json", "a\\..\\outside.json"])
def test_a_repository_whose_file_names_lead_elsewhere_is_refused(hub, tmp_path, name):
    hub.add("dataset", "someone/evil", {name: b"{}"})
    done = fetch(hub, tmp_path, "dataset", "someone/evil", "main", [name])
    assert_refused(done, "dataset someone/evil at main: it lists", "Do not use this repository")
    assert not list(tmp_path.rglob("outside.json"))
    assert hub.count("GET", "/resolve/") == 0


def test_an_id_that_no_repository_can_have_is_refused(hub, tmp_path):
    done = fetch(hub, tmp_path, "model", "some one/$(touch x)", "main")
    assert_refused(done, "this is no id of the hub", "Write owner/name")
    assert hub.requests == []


def test_a_disk_that_fills_up_is_said_with_its_room(hub, tmp_path):
    # No file may grow past 200 kB here, which a write then says as it would of a full disk.
    done = fetch_model(hub, tmp_path, before=["bash", "-c", 'trap "" XFSZ; ulimit -f 200; exec "$@"', "bash"])
    assert_refused(done, f"{WHERE}no room for it in", "File too large", "Make room there")


def may_mount() -> bool:
    return os.geteuid() == 0 and shutil.which("unshare") is not None and (
        subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode == 0
    )  # fmt: skip


@pytest.mark.skipif(not may_mount(), reason="a small disk of its own needs root")
def test_a_full_disk_is_said_with_its_room(hub, tmp_path):
    (tmp_path / "resources").mkdir()
    # In a name space of its own, which goes with the process.
    mount = f'mount -t tmpfs -o size=512k none {tmp_path}/resources && exec "$@"'
    done = fetch_model(hub, tmp_path, before=["unshare", "--mount", "bash", "-c", mount, "bash"])
    assert_refused(done, f"{WHERE}no room for it in", "No space left on device; ", "MB are free", "make resources/hub a link")


def test_a_folder_that_nobody_may_write_to_is_said(hub, tmp_path):
    (tmp_path / "resources").write_text("a file where the folder should be")
    done = fetch_model(hub, tmp_path)
    assert done.status == 1
    assert f"{WHERE}it cannot be written to" in done.terminal
    assert "Traceback" not in done.terminal + done.log


def test_addresses_are_said_without_their_secrets(hub, tmp_path):
    hub.fail("GET", STORE, sends=1000, times=ALWAYS)
    done = fetch_model(hub, tmp_path, PARITY_HUB_ATTEMPTS="1")
    assert STORE in done.log
    assert SIGNATURE not in done.log + done.terminal
    assert plain("at https://me:pass@proxy:80/a?X=1&Y='2' and\n ftp://x") == "at https://proxy:80/a'2' and ftp://x"


def test_what_changed_after_it_was_fetched_is_refused(hub, tmp_path):
    out = fetch_model(hub, tmp_path).out
    check_fetched(out)
    (out / WEIGHTS).write_bytes(MODEL[WEIGHTS][::-1])
    with pytest.raises(
        InputError, match=rf"{WEIGHTS}: not as it was fetched from the hub. Delete the folder .* and fetch it again"
    ):
        check_fetched(out)
    (out / WEIGHTS).unlink()
    with pytest.raises(InputError, match="fetched from the hub, and gone now"):
        check_fetched(out)
    (out / "fetched.json").unlink()
    check_fetched(out)


def test_only_complete_records_are_written(hub, tmp_path):
    record = fetch_model(hub, tmp_path).record
    assert set(record["sha256"]) == FETCHED
    assert json.dumps(record).count("http") == 0
