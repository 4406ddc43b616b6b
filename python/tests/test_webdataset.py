"""What webdataset writes we read, and the other way round."""

from pathlib import Path

import webdataset as wds
from sample_types import Image, images, numbers_in, write_images

import atdata


def test_shards_of_its_tar_writer_are_read(tmp_path: Path) -> None:
    with wds.writer.TarWriter(str(tmp_path / "a.tar")) as sink:
        for number, image in enumerate(images(20)):
            sink.write({**image.as_wds, "__key__": f"sample_{number:06d}"})
    dataset = atdata.Dataset[Image](tmp_path / "a.tar")
    assert list(dataset) == list(images(20))
    assert dataset[7].number == 7


def test_shards_with_generated_keys_are_read(tmp_path: Path) -> None:
    with wds.writer.TarWriter(str(tmp_path / "a.tar")) as sink:
        for image in images(5):
            sink.write(image.as_wds)
    assert numbers_in(atdata.Dataset[Image](tmp_path / "a.tar")) == [0, 1, 2, 3, 4]


def test_shards_of_its_shard_writer_are_read(tmp_path: Path) -> None:
    with wds.writer.ShardWriter(str(tmp_path / "a-%06d.tar"), maxcount=4, verbose=0) as sink:
        for image in images(10):
            sink.write(image.as_wds)
    dataset = atdata.Dataset[Image](tmp_path / "a-{000000..000002}.tar")
    assert numbers_in(dataset) == list(range(10))


def test_other_members_beside_ours_are_passed_over(tmp_path: Path) -> None:
    with wds.writer.TarWriter(str(tmp_path / "a.tar")) as sink:
        for image in images(3):
            sink.write({**image.as_wds, "txt": "a note", "json": {"n": image.number}})
    assert numbers_in(atdata.Dataset[Image](tmp_path / "a.tar")) == [0, 1, 2]


def test_it_reads_ours(tmp_path: Path) -> None:
    dataset = write_images(tmp_path, 10, maxcount=4)
    pipeline = wds.WebDataset(dataset.list_shards(), shardshuffle=False)
    found = list(pipeline)
    assert [sample["__key__"] for sample in found] == [f"{n:09}" for n in range(10)]
    assert [dataset.wrap(sample) for sample in found] == list(images(10))
