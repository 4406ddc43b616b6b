"""This package in the comparison with others, by the best way that it documents for each task.

Given to the comparison's `run.py` with `--adapter`, which runs this file with `Ours` in scope: the
same calls as the original's. What differs here is what the original does not have: records that
become shards as they are, conditions that are asked without decoding, and arrays that look at the
file.
"""

KEPT = {
    "small": "score > 0.99",
    "vector": "label == 3",
    "jpegbytes": "label == 3",
    "image": "label == 'class_3'",
}


class Queried:
    """Samples are kept by a condition."""

    def filter(self, sp, p):
        """The samples of which a condition holds."""
        return list(self.ds(sp, p).filter(KEPT[sp["name"]]).ordered())


class OursOwn(Queried, Ours):  # noqa: F821 - `run.py` defines it
    """Records that fit a sample type are written."""

    name = "ours"

    def write(self, sp, samples, out):
        """Dicts into shards."""
        kind = self.types[sp["name"]]
        self.at.from_records(samples, f"{out}/d.tar", sample_type=kind, maxcount=sp["per_shard"])


class OursOnTheirs(Queried, Ours):  # noqa: F821
    """Shards that the original wrote."""

    name = "ours-on-theirs"

    def __init__(self):
        super().__init__()
        self.store = "atdata-upstream"

    def write(self, sp, samples, out):
        """The original has."""
        raise NotSupported("write")  # noqa: F821


class OursViewed(Queried, Ours):  # noqa: F821
    """Arrays look at the shard where it lies."""

    name = "ours-views"

    def __init__(self):
        super().__init__()
        self.store = "ours"

    def iter(self, sp, p):
        """Samples one by one."""
        return self.ds(sp, p).ordered(arrays="view")

    def batches(self, sp, p, shuffle, workers):
        """Batches have arrays of their own."""
        raise NotSupported("views are for samples one by one")  # noqa: F821

    def write(self, sp, samples, out):
        """As `ours`."""
        raise NotSupported("as ours")  # noqa: F821
