"""Recordings: kept as the files they were, decoded when that is asked for."""

from pathlib import Path

import numpy as np
import pytest
from images import Clip, wav

import atdata


def test_recordings(tmp_path: Path) -> None:
    two = wav(2, 2, np.array([0, 16384, -32768, 32767], "<i2").tobytes())
    one = wav(1, 1, bytes([128, 0, 255]))
    dataset = atdata.write_samples([Clip(two, "a"), Clip(one, "b")], tmp_path / "clips.tar")
    [batch] = dataset.ordered(batch_size=2, decode=True)
    stereo, mono = batch.sound
    assert isinstance(stereo, atdata.Sound)
    assert (stereo.rate, stereo.samples.dtype, stereo.samples.shape) == (8000, np.float32, (2, 2))
    assert np.allclose(stereo.samples, [[0, 0.5], [-1, 32767 / 32768]])
    assert np.allclose(mono.samples, [[0], [-1], [127 / 128]])
    assert batch._names() == ["sound", "text"]
    sample = next(iter(dataset.ordered(decode=True)))
    assert (type(sample), sample.text) == (Clip, "a")
    assert sample.sound.rate == 8000  # type: ignore[attr-defined]
    [mapped] = dataset.filter(lambda sample: sample.text == "b").ordered(decode=True)
    assert mapped.sound.samples.shape == (3, 1)  # type: ignore[attr-defined]


@pytest.mark.parametrize("data", [b"", b"OggS....", b"RIFF\0\0\0\0WAVE", wav(2, 1, b"\0\0")[:30]])
def test_broken_recordings(data: bytes, tmp_path: Path) -> None:
    dataset = atdata.write_samples([Clip(data, "a")], tmp_path / "clips.tar")
    with pytest.raises(atdata.DataError) as caught:
        list(dataset.ordered(batch_size=2, decode=True))
    assert (caught.value.kind, caught.value.field) == ("bad_audio", "sound")
