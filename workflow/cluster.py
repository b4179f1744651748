"""A Dask cluster named by its address: connected, or in one line why not."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from engine.errors import AppError
from engine.rebalance.solve import engine_version

CONNECT_S = 3.0
"""Seconds to wait for the scheduler, and as long again for the first worker."""
EXTRA = 'pip install "plimsoll[cluster]"'


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster that answers, with workers that run this version of the program."""

    address: str
    client: Any

    def threads(self) -> int:
        """Return how many cases it solves at once."""
        return max(1, sum(int(n) for n in self.client.nthreads().values()))

    def connected(self) -> bool:
        """Return whether the scheduler can still be reached."""
        return bool(self.client.status == "running")


@contextmanager
def connected(address: str | None) -> Iterator[Cluster | None]:
    """Connect to the cluster at this address for one batch; None = no cluster.

    Raises AppError when the extra is not installed, nothing answers within 10 seconds, or its workers differ.
    """
    if address is None:
        yield None
        return
    client = _client(address)
    try:
        _check_workers(address, client)
        yield Cluster(address, client)
    finally:
        client.close()


def _client(address: str) -> Any:
    try:
        from distributed import Client, Security  # noqa: PLC0415 - an extra that need not be installed
        from distributed.comm.core import connect  # noqa: PLC0415
    except ImportError:
        raise AppError("--cluster needs Dask, which is not installed", hint=f"Install it: {EXTRA}") from None

    async def knock() -> None:
        # Client itself would wait for ever for the greeting of what is no scheduler
        security = Security().get_connection_args("client")  # type: ignore[no-untyped-call]
        connecting = connect(address, timeout=CONNECT_S, **security)  # type: ignore[no-untyped-call]
        comm = await asyncio.wait_for(connecting, CONNECT_S)
        await comm.close()

    try:
        asyncio.run(knock())
        return Client(address, timeout=CONNECT_S, set_as_default=False)  # type: ignore[no-untyped-call]
    except Exception as error:  # noqa: BLE001 - a stranger's greeting can lead to any, and all mean the same
        raise AppError(
            "the cluster cannot be reached",
            detail=f"{address}: {_first_line(error)}",
            hint="Check the address, as tcp://HOST:8786, and that `dask scheduler` runs there.",
        ) from None


def _check_workers(address: str, client: Any) -> None:
    hint = "Start some there: `dask worker ADDRESS`."
    try:
        client.wait_for_workers(1, timeout=CONNECT_S)
    except TimeoutError:
        raise AppError("the cluster has no workers", detail=address, hint=hint) from None
    here = engine_version()
    hint = f"Install Plimsoll {here} where the workers run."
    try:
        there = client.run(engine_version)
    except Exception as error:
        raise AppError(
            "a worker of the cluster cannot run Plimsoll", detail=f"{address}: {_first_line(error)}", hint=hint
        ) from error
    for worker, found in sorted(there.items()):
        if found != here:
            raise AppError(
                "a worker of the cluster runs another version", detail=f"{worker}: Plimsoll {found}", hint=hint
            )


def _first_line(error: BaseException) -> str:
    if isinstance(error, TimeoutError) and not str(error):
        return f"no answer in {CONNECT_S:g} s"
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(": ")
