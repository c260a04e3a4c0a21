"""Losses and networks of the paper beside another implementation of them."""

import pytest


def test_a_step_loses_what_pytorch_says():
    pytest.importorskip("torch", reason="PyTorch, which is optional, is not installed")
    from ipcgan.runs.benchmark import torch_speed

    lines = torch_speed.steps_compared(batch_size=2, rounds=1)
    apart = [float(line.rsplit(" ", 1)[1]) for line in lines[1:]]
    assert len(apart) == 2
    assert max(apart) < 1e-4
