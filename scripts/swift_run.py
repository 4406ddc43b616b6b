"""What `serve_swift.py` has done by the Python that has Swift, which is Debian's.

`swift_run.py FOLDER rings PORT...` makes what the servers find each other by; `swift_run.py FOLDER
NAME` runs the server of that name by its configuration there.
"""

import sys

from swift.common import utils

STORES = ("account", "container", "object")


def make_rings(folder, ports):
    from swift.common.ring import RingBuilder

    for name, port in zip(STORES, ports, strict=True):
        ring = RingBuilder(1, 1, 0)  # two parts, kept once each, free to move at once
        where = {"id": 0, "region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port)}
        ring.add_dev({**where, "device": "disk", "weight": 1.0})
        ring.rebalance()
        ring.get_ring().save(f"{folder}/{name}.ring.gz")


def run(folder, name):
    from swift.common.wsgi import run_wsgi

    return run_wsgi(f"{folder}/{name}.conf", f"{name}-server", verbose=True)


def main(folder, name, *ports):
    utils.set_swift_dir(folder)  # else it is /etc/swift
    return make_rings(folder, ports) if name == "rings" else run(folder, name)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
