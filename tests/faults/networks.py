"""Machines on a network of their own, for tests that run as root: each is a network namespace on one bridge."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Network

# So many addresses of the network are this machine's own.
_OWN = 4


class Network:
    """Machines that reach this one, by its `addresses`, until they are cut off. Use `network` to make one."""

    def __init__(self, machines: int) -> None:
        self._bridge = f"sk{os.getpid()}"  # names of links have at most 15 characters
        self._machines = [f"{self._bridge}m{number}" for number in range(machines)]
        self._hosts = [*map(str, IPv4Network(f"10.213.{os.getpid() % 256}.0/24").hosts())]
        self.addresses = tuple(self._hosts[:_OWN])

    def open(self) -> None:
        """Make the network. CalledProcessError, without a trace of it, if this process may not."""
        try:
            _ip(f"link add {self._bridge} type bridge")
            for address in self.addresses:
                _ip(f"address add {address}/24 dev {self._bridge}")
            _ip(f"link set {self._bridge} up")
            for name, address in zip(self._machines, self._hosts[_OWN:], strict=False):
                _ip(f"netns add {name}")
                _ip(f"link add {name} type veth peer name eth0 netns {name}")
                _ip(f"link set {name} master {self._bridge} up")
                _ip(f"-n {name} address add {address}/24 dev eth0")
                _ip(f"-n {name} link set eth0 up")
                _ip(f"-n {name} link set lo up")
        except subprocess.CalledProcessError:
            self.close()
            raise

    def close(self) -> None:
        """Remove the network. Processes on its machines go on, but reach nothing."""
        for name in self._machines:
            _ip(f"netns delete {name}", check=False)
        _ip(f"link delete {self._bridge}", check=False)

    def on(self, machine: int) -> list[str]:
        """Return the beginning of a command that runs on a machine."""
        return ["ip", "netns", "exec", self._machines[machine]]

    def cut(self, machine: int) -> None:
        """Let nothing pass from and to a machine. Its connections stay open."""
        _ip(f"link set {self._machines[machine]} down")

    def heal(self, machine: int) -> None:
        """End that."""
        _ip(f"link set {self._machines[machine]} up")


@contextmanager
def network(machines: int) -> Iterator[Network | None]:
    """Make a network for the block; None if this process may not, as most."""
    made = Network(machines)
    try:
        made.open()
    except (OSError, subprocess.CalledProcessError):
        yield None
        return
    try:
        yield made
    finally:
        made.close()


def _ip(arguments: str, *, check: bool = True) -> None:
    subprocess.run(["ip", *arguments.split()], check=check, capture_output=True)
