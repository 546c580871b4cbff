"""Bytes of strangers, fetched within bounds: no more than was allowed, and no slower than a server may be.

Source  fsspec's HTTPFileSystem, whose session is used; `model/limits.py` for the bounds
"""

from __future__ import annotations

import io
import time
from typing import Any

from datapkg.model import IntegrityError, Unreachable, limits

CHUNK = 1 << 16


def fetched(fs: Any, path: str, most: int, where: str) -> bytes:
    """Return the bytes of a file, at most `most`; `where` names it in messages.

    Raises  IntegrityError if it is larger or comes compressed; Unreachable if the server is too slow, or the memory too
            small; FileNotFoundError and the other failures of the file system
    """
    try:
        if "http" in fs.protocol:
            from fsspec.asyn import sync

            return bytes(sync(fs.loop, _streamed, fs, path, most, where))
        data = bytes(fs.cat_file(path, start=0, end=most + 1))
    except MemoryError as error:
        raise Unreachable(f"{where} does not fit into the memory that there is") from error
    if len(data) > most:
        raise _larger(where, most)
    return data


def _larger(where: str, most: int) -> IntegrityError:
    return IntegrityError(f"{where} has more than the {most:,} bytes that it may have; nothing was kept of it")


async def _streamed(fs: Any, url: str, most: int, where: str) -> bytes:
    """Return what a web server sends, as it is: a compressed answer could grow without bound."""
    import asyncio

    session = await fs.set_session()
    headers = {**fs.kwargs.get("headers", {}), "Accept-Encoding": "identity"}
    async with asyncio.timeout(limits.STALL):  # a server that never ends its headers
        response = await session.get(fs.encode_url(url), **{**fs.kwargs, "headers": headers})
    async with response:
        fs._raise_not_found_for_status(response, url)
        coding = response.headers.get("Content-Encoding", "identity")
        if coding != "identity":
            told = f"{where} comes compressed ({coding!r}), though the plain bytes were asked for"
            raise IntegrityError(f"{told}; nothing of it was read")
        if (response.content_length or 0) > most:
            raise _larger(where, most)
        return await _read(response, most, where)


async def _read(response: Any, most: int, where: str) -> bytes:
    held, began = io.BytesIO(), time.monotonic()
    async for chunk in response.content.iter_chunked(CHUNK):
        held.write(chunk)
        seconds = time.monotonic() - began
        if held.tell() > most:
            raise _larger(where, most)
        if seconds > limits.STALL and held.tell() < limits.RATE * seconds:
            told = f"sent {held.tell():,} bytes in {seconds:.0f} s; at least {limits.RATE:,} a second are expected"
            raise Unreachable(f"{where} cannot be read: the server {told}")
    return held.getvalue()
