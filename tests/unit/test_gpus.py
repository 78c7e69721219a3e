"""parity.gpus: which GPUs a process may use. nvidia-smi and AMD's driver are made up, since no GPU is where tests run."""

import os
import sys
from pathlib import Path

import pytest
from made_up_gpus import MadeUpGpu, uuid, write_amd_nodes, write_command, write_nvidia_smi

from parity import amd, gpus, nvidia
from parity.errors import InputError

VARIABLES = ("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")


@pytest.fixture(autouse=True)
def environment():
    """No variable of the machine's own, and none left by a test."""
    before = dict(os.environ)
    for variable in VARIABLES:
        os.environ.pop(variable, None)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Let nvidia-smi list these GPUs."""

    def made_up(*listed: MadeUpGpu) -> None:
        os.environ["PATH"] = write_nvidia_smi(tmp_path / "bin", list(listed))

    return made_up


@pytest.fixture
def four(machine):
    machine(*(MadeUpGpu(uuid(number)) for number in range(4)))


@pytest.fixture
def divided(machine):
    machine(
        MadeUpGpu(uuid(0), parts=[("3g.20gb", 19968), ("1g.5gb", 4864)]), MadeUpGpu(uuid(1)), MadeUpGpu(uuid(2), in_mig_mode=True)
    )


def seen(**environment: str) -> list[str]:
    return [gpu.id for gpu in gpus.visible_gpus(environment)]


def test_without_nvidia_smi_there_is_no_gpu(tmp_path):
    os.environ["PATH"] = str(tmp_path)
    assert gpus.visible_gpus({"CUDA_VISIBLE_DEVICES": "0"}) == []
    assert gpus.slots(3) == 1


def test_without_a_restriction_all_are_seen_with_the_memory_that_programs_get(machine):
    machine(MadeUpGpu(uuid(0), memory=40960, reserved=960), MadeUpGpu(uuid(1), name="NVIDIA T4", memory=15000))
    assert [(gpu.id, gpu.index, gpu.name, gpu.memory_mb) for gpu in gpus.visible_gpus({})] == [
        (uuid(0), 0, "NVIDIA A100-SXM4-40GB", 40000 * 2**20 // 10**6),
        (uuid(1), 1, "NVIDIA T4", 15000 * 2**20 // 10**6),
    ]


@pytest.mark.parametrize(
    ("value", "numbers"),
    [
        ("0", [0]),
        ("3,1", [3, 1]),
        (" 2 , 0 ", [2, 0]),
        ("", []),
        ("-1", []),
        ("2,-1,0", [2]),
        ("1,", [1]),
        ("NoDevFiles", []),
        (uuid(2), [2]),
        ("GPU-00000002", [2]),
        ("GPU-00000003,1,GPU-00000000", [3, 1, 0]),
    ],
)
def test_cuda_visible_devices_is_read_as_cuda_does_in_its_order(four, value, numbers):
    assert seen(CUDA_VISIBLE_DEVICES=value) == [uuid(number) for number in numbers]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("4", "CUDA_VISIBLE_DEVICES = 4: there is no GPU 4 here"),
        ("0,7", "CUDA_VISIBLE_DEVICES = 0,7: there is no GPU 7 here"),
        ("GPU-9", "there is no GPU GPU-9 here"),
        ("MIG-1", "there is no GPU MIG-1 here"),
        ("all", "there is no GPU all here"),
        ("1gpu", "there is no GPU 1gpu here"),
        ("GPU-0000000", "is the beginning of several ids"),
        ("1,1", "named already"),
        (f"1,{uuid(1)}", "named already"),
    ],
)
def test_what_names_no_gpu_or_several_is_refused_with_those_that_there_are(four, value, problem):
    with pytest.raises(InputError) as refused:
        gpus.visible_gpus({"CUDA_VISIBLE_DEVICES": value})
    assert problem in str(refused.value)
    assert "named already" in problem or f"GPU 3 (NVIDIA A100-SXM4-40GB, {uuid(3)})" in str(refused.value)


def test_numbers_that_only_cuda_could_read_are_refused(machine):
    machine(MadeUpGpu(uuid(0), name="NVIDIA T4"), MadeUpGpu(uuid(1)))
    fastest_first = {"CUDA_DEVICE_ORDER": "FASTEST_FIRST"}
    with pytest.raises(InputError, match="PCI_BUS_ID"):
        gpus.visible_gpus(fastest_first | {"CUDA_VISIBLE_DEVICES": "0"})
    assert seen(**fastest_first, CUDA_VISIBLE_DEVICES=uuid(1)) == [uuid(1)]
    machine(MadeUpGpu(uuid(0)), MadeUpGpu(uuid(1)))
    assert seen(**fastest_first, CUDA_VISIBLE_DEVICES="1") == [uuid(1)]


def test_a_divided_gpu_is_its_parts_with_their_own_memory_and_one_without_parts_is_nothing(divided):
    found = gpus.visible_gpus({})
    assert [gpu.id for gpu in found] == [f"MIG-0{uuid(0)[4:]}", f"MIG-1{uuid(0)[4:]}", uuid(1)]
    assert [gpu.memory_mb for gpu in found[:2]] == [19968 * 2**20 // 10**6, 4864 * 2**20 // 10**6]
    assert [gpu.is_part for gpu in found] == [True, True, False]


def test_parts_are_chosen_by_id_and_by_the_gpu_they_belong_to(divided):
    parts = [f"MIG-0{uuid(0)[4:]}", f"MIG-1{uuid(0)[4:]}"]
    assert seen(CUDA_VISIBLE_DEVICES=parts[1]) == [parts[1]]
    assert seen(CUDA_VISIBLE_DEVICES="MIG-1") == [parts[1]]
    assert seen(CUDA_VISIBLE_DEVICES="0") == parts
    assert seen(CUDA_VISIBLE_DEVICES="GPU-00000000,1") == [*parts, uuid(1)]
    with pytest.raises(InputError, match="is the beginning of several ids"):
        gpus.visible_gpus({"CUDA_VISIBLE_DEVICES": "MIG-"})


def test_parts_of_an_older_driver_are_listed_by_their_old_ids(tmp_path):
    old = f"MIG-{uuid(0)}/1/0"
    listing = f"GPU 0: A100 (UUID: {uuid(0)})\n  MIG 3g.20gb Device 0: (UUID: {old})\n"
    (tmp_path / "list").write_text(listing)
    os.environ["PATH"] = write_command(tmp_path / "bin", f'[ "$1" = -L ] && cat "{tmp_path}/list"')
    assert seen() == [old]
    # What says how much memory it has could not be read.
    assert gpus.visible_gpus({})[0].memory_mb is None


def test_a_broken_nvidia_smi_is_said_and_what_it_lists_all_the_same_is_used(tmp_path, capfd):
    os.environ["PATH"] = write_command(tmp_path / "bin", "echo 'Driver/library version mismatch' >&2; exit 18")
    assert seen() == []
    assert "nvidia-smi -L ended with 18: Driver/library version mismatch" in capfd.readouterr().err
    listing = f"GPU 0: A100 (UUID: {uuid(0)})\\nUnable to determine the device handle for GPU1: GPU is lost"
    os.environ["PATH"] = write_command(tmp_path / "bin", f"printf '{listing}'; exit 15")
    assert seen() == [uuid(0)]


def test_an_nvidia_smi_that_does_not_answer_is_no_machine_without_gpus(tmp_path, monkeypatch):
    monkeypatch.setattr(nvidia, "SECONDS_TO_ANSWER", 0.1)
    os.environ["PATH"] = write_command(tmp_path / "bin", f"touch {tmp_path}/asked; exec sleep 1000")
    with pytest.raises(InputError, match=r"nvidia-smi -L: .*timed out.*export CUDA_VISIBLE_DEVICES=-1"):
        gpus.visible_gpus({})
    (tmp_path / "asked").unlink(missing_ok=True)
    # Where no GPU is wanted, none is asked for.
    assert seen(CUDA_VISIBLE_DEVICES="-1") == []
    assert not (tmp_path / "asked").exists()


def test_a_process_is_shown_its_gpus_by_uuid(divided):
    found = gpus.visible_gpus({})
    gpus.show_only([found[2], found[0]])
    assert os.environ["CUDA_VISIBLE_DEVICES"] == f"{uuid(1)},MIG-0{uuid(0)[4:]}"


def test_the_profile_counts_visible_gpus_times_the_runs_on_each(four):
    assert (gpus.slots(1), gpus.slots(3)) == (4, 12)
    os.environ["CUDA_VISIBLE_DEVICES"] = "1,2"
    assert gpus.slots(2) == 4
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    assert gpus.slots(2) == 1


@pytest.mark.parametrize("value", [0, -1, 1.5, "2", True, None])
def test_runs_per_gpu_is_a_whole_number_from_one(four, value):
    with pytest.raises(InputError, match=r"profiles/local-gpu/profile\.yaml: runs_per_gpu = .*whole number"):
        gpus.slots(value)


def refusal(count: int) -> str:
    with pytest.raises(InputError) as refused:
        gpus.enough_gpus(f"train.gpus_per_run = {count}", count, gpus.visible_gpus(os.environ))
    return str(refused.value)


def test_more_processes_than_gpus_are_refused_and_none_where_they_compute_on_the_cpu(four):
    found = gpus.visible_gpus({})
    assert gpus.enough_gpus("", 4, found) == found
    assert gpus.enough_gpus("", 5, []) == []
    assert refusal(5) == ("train.gpus_per_run = 5: a GPU for each process is needed, and this machine has 4 GPUs. Set it to 4")
    os.environ["CUDA_VISIBLE_DEVICES"] = "2"
    assert "only 1 GPU can be seen here: the environment hides 3 more. Set it to 1, or show more GPUs" in refusal(2)


def test_parts_of_gpus_serve_single_processes_only(divided):
    found = gpus.visible_gpus({})
    assert gpus.enough_gpus("", 1, found) == found
    message = refusal(2)
    assert "this machine has 1 GPU and 2 parts of divided ones (MIG)" in message and "cannot train together" in message


@pytest.fixture
def amd_machine(tmp_path, monkeypatch):
    """Three AMD GPUs, and a torch that was built for them."""
    version = tmp_path / "site/torch/version.py"
    version.parent.mkdir(parents=True)
    version.write_text("from typing import Optional\ncuda: Optional[str] = None\nhip: Optional[str] = '7.0.51831'\n")
    version.with_name("__init__.py").write_text("raise ImportError('only looked at')\n")
    # find_spec answers for a module that was imported already without looking for it again.
    for name in [name for name in sys.modules if name.split(".")[0] == "torch"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setattr(amd, "NODES", write_amd_nodes(tmp_path / "nodes", [(0xABC0 + n, 65520) for n in range(3)]))
    os.environ["PATH"] = write_nvidia_smi(tmp_path / "bin", [MadeUpGpu(uuid(0))])
    return tmp_path / "nodes"


def test_a_torch_for_rocm_computes_on_amds_gpus(amd_machine):
    found = gpus.visible_gpus({})
    assert [(gpu.index, gpu.id, gpu.uuid, gpu.name, gpu.memory_mb) for gpu in found] == [
        (number, f"renderD{128 + number}", f"GPU-{0xABC0 + number:016x}", "gfx942", 65520 * 2**20 // 10**6) for number in range(3)
    ]


def test_any_other_torch_takes_no_notice_of_them(tmp_path, monkeypatch):
    monkeypatch.setattr(amd, "NODES", write_amd_nodes(tmp_path / "nodes", [(1, 512)]))
    os.environ["PATH"] = str(tmp_path)
    assert seen() == []


@pytest.mark.parametrize(
    ("variables", "numbers"),
    [
        ({"ROCR_VISIBLE_DEVICES": "2,0"}, [2, 0]),
        ({"ROCR_VISIBLE_DEVICES": "GPU-000000000000ABC1"}, [1]),
        ({"ROCR_VISIBLE_DEVICES": "2,0", "HIP_VISIBLE_DEVICES": "1"}, [0]),
        ({"HIP_VISIBLE_DEVICES": "1,2", "CUDA_VISIBLE_DEVICES": "0"}, [1, 2]),
        ({"CUDA_VISIBLE_DEVICES": "2"}, [2]),
        ({"ROCR_VISIBLE_DEVICES": ""}, []),
        ({"HIP_VISIBLE_DEVICES": "-1"}, []),
    ],
)
def test_rocms_variables_restrict_one_after_the_other(amd_machine, variables, numbers):
    assert seen(**variables) == [f"renderD{128 + number}" for number in numbers]


def test_what_rocms_variables_name_must_be_there(amd_machine):
    with pytest.raises(InputError, match="ROCR_VISIBLE_DEVICES = 3: there is no GPU 3 here"):
        seen(ROCR_VISIBLE_DEVICES="3")
    with pytest.raises(InputError, match="HIP_VISIBLE_DEVICES = 1: there is no GPU 1 here"):
        seen(ROCR_VISIBLE_DEVICES="2", HIP_VISIBLE_DEVICES="1")


def test_an_amd_gpu_that_is_hidden_from_this_process_is_not_there(amd_machine):
    # As the kernel does in a container, which the tests' user, root, could read through.
    properties: Path = amd_machine / "2/properties"
    properties.unlink()
    assert [gpu.id for gpu in gpus.visible_gpus({})] == ["renderD128", "renderD130"]


def test_a_process_is_shown_amds_gpus_by_number(amd_machine):
    os.environ["CUDA_VISIBLE_DEVICES"] = "1,2"
    gpus.show_only(gpus.visible_gpus()[1:])
    assert os.environ["ROCR_VISIBLE_DEVICES"] == "2"
    assert os.environ["HIP_VISIBLE_DEVICES"] == "0"
    assert "CUDA_VISIBLE_DEVICES" not in os.environ
