"""The processes of a training run, from the environment's variables."""

import json

import pytest

from ipcgan.config import ConfigError
from ipcgan.training.hosts import Hosts, from_environment, local_environments

TWO = ["10.0.0.1:9000", "10.0.0.2:9000"]


def tf_config(index=1, kind="worker"):
    values = {"cluster": {"worker": TWO}, "task": {"type": kind, "index": index}}
    return {"TF_CONFIG": json.dumps(values)}


def keras_variables(**changes):
    values = {"JOB_ADDRESSES": ",".join(TWO), "NUM_PROCESSES": "2", "PROCESS_ID": "1"}
    return {f"KERAS_DISTRIBUTION_{k}": v for k, v in {**values, **changes}.items()}


SLURM = {
    "SLURM_JOB_ID": "7",
    "SLURM_STEP_NODELIST": "node[1-4]",
    "SLURM_NTASKS": "4",
    "SLURM_PROCID": "3",
    "SLURM_LOCALID": "0",
}


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_without_variables_there_is_one_process(backend):
    assert from_environment(backend, {}) == Hosts(1, 0)


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_processes_of_one_machine_find_each_other(backend):
    found = [from_environment(backend, each) for each in local_environments(3)]
    assert [(each.processes, each.rank) for each in found] == [(3, 0), (3, 1), (3, 2)]
    assert {each.address for each in found} == {found[0].address}
    assert local_environments(1) == [{}]


def test_each_backend_reads_its_own_variables():
    assert from_environment("tensorflow", tf_config()) == Hosts(2, 1, ", ".join(TWO))
    assert from_environment("jax", keras_variables()) == Hosts(2, 1, TWO[0])
    assert from_environment("jax", SLURM) == Hosts(4, 3, "node[1-4]", by_slurm=True)
    assert from_environment("tensorflow", {**keras_variables(), **SLURM}) == Hosts()
    assert from_environment("jax", tf_config()) == Hosts()


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"cluster": {}}', tf_config(2)["TF_CONFIG"]]
)
def test_a_tf_config_that_cannot_be_is_shown_with_an_example(text):
    with pytest.raises(ConfigError) as caught:
        from_environment("tensorflow", {"TF_CONFIG": text})
    assert str(caught.value).startswith(f"TF_CONFIG={text}: expected JSON as {{")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"PROCESS_ID": "2"}, "PROCESS_ID=2: expected a whole number from 0 to 1"),
        ({"NUM_PROCESSES": "two"}, "NUM_PROCESSES=two: expected a whole number"),
        ({"JOB_ADDRESSES": "10.0.0.1"}, "JOB_ADDRESSES=10.0.0.1: expected rank 0's"),
        ({"PROCESS_ID": ""}, "KERAS_DISTRIBUTION_PROCESS_ID is not set"),
    ],
)
def test_a_variable_that_cannot_be_is_named(changes, message):
    with pytest.raises(ConfigError, match=message):
        from_environment("jax", keras_variables(**changes))
