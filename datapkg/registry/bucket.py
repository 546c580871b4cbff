"""Whatever else fsspec writes to, S3 first.

SHA256SUMS goes first and is created only if it is not there: it decides whose content the version has. What a killed
publication leaves is in no index, so that nobody sees it until a second run has completed it. On S3 every file goes
with its SHA-256, which the store compares and keeps.
"""

from __future__ import annotations

import base64
import hashlib
import random
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from datapkg.model import LANES, ConfigError, IntegrityError, WriteError
from datapkg.registry.index import INDEX, RECORD, SUMS, Index, Record, is_version, record_of, sums
from datapkg.registry.remote import S3, Remote, conflict, failures, retried
from datapkg.registry.upload import Upload, begun, changed

CLAIMS = 10
"""How often SHA256SUMS is tried while a store says that somebody else is just writing it."""


@dataclass
class Bucket:
    """Whatever fsspec writes to; S3 and its like compare and swap the index, elsewhere the last writer looks after all.

    Source  https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    """

    remote: Remote
    lanes: int = LANES

    def index(self) -> tuple[bytes | None, Any]:
        """Return index.json and its entity tag, or the bytes again where there are no tags."""
        path = self.remote.path(INDEX)
        try:
            if self.remote.scheme not in S3:
                data = self._get(INDEX)
                return data, data
            # the tag first: bytes newer than their tag make the swap fail, older ones would overwrite somebody
            tag = retried(lambda: self.remote.fs.info(path, refresh=True))["ETag"]
            return self._get(INDEX), tag
        except FileNotFoundError:
            return None, None

    def prepare(self, upload: Upload, listed: bool) -> list[str]:
        """Claim the version by its SHA256SUMS; of a listed one, return what is missing or has another content."""
        if listed:
            there = self._sizes(upload)
            return [path for path, digest in upload.files.items()
                    if path not in there or self._digest(upload, path) != digest]  # fmt: skip
        data = (upload.folder / SUMS).read_bytes()
        for attempt in range(CLAIMS):
            try:
                self._put(upload, SUMS, data, create=True)
            except failures() as error:
                if not conflict(error):
                    raise
            with suppress(FileNotFoundError):
                if self._get(upload.record.path + SUMS) != data:
                    raise begun(upload, f"{self.remote.url}/{upload.record.path}")
                return [path for path in upload.files if path != SUMS]
            time.sleep(random.uniform(0, 0.05 * (attempt + 1)))
        raise WriteError(
            f"{self.remote.url} refused to create {upload.record.path}{SUMS} {CLAIMS} times; try again later"
        )

    def holds(self, upload: Upload, path: str) -> bool:
        """Return whether a file is there."""
        return path in self._sizes(upload)

    def send(self, upload: Upload, path: str) -> None:
        """Copy one file, read whole, so that what is sent is what was compared."""
        data = (upload.folder / path).read_bytes()
        retried(lambda: self._put(upload, path, data))

    def finish(self, upload: Upload) -> None:
        """Look whether all files are there, in their size."""
        there = self._sizes(upload)
        missing = [path for path, size in upload.sizes().items() if there.get(path) != size]
        if missing:
            where = f"{self.remote.url}/{upload.record.path}"
            raise WriteError(
                f"{where} lacks {', '.join(missing)} though they were sent; readers see what was there before; "
                "run the same command again"
            )

    def unlisted(self, index: Index) -> list[Record]:
        """Return whole releases that an index lacks, where others can overwrite it unseen."""
        if self.remote.scheme in S3:
            return []
        self.remote.fs.invalidate_cache()
        names = [str(name).rstrip("/").rpartition("/")[2] for name in self.remote.fs.ls(self.remote.root, detail=False)]
        whole = [self._whole(name) for name in names if is_version(name) and not index.find(name)]
        return [record for record in whole if record]

    def swap(self, data: bytes, state: Any) -> bool:
        """Write index.json on condition that its tag is the same, or after a look where there are no tags."""
        fs, path = self.remote.fs, self.remote.path(INDEX)
        if self.remote.scheme not in S3:
            same = self.index()[1] == state
            if same:
                retried(lambda: fs.pipe_file(path, data))
            return bool(same)
        bucket, key, _ = fs.split_path(path)
        condition = {"IfMatch": state} if state else {"IfNoneMatch": "*"}
        about = {"ContentType": "application/json", "CacheControl": "no-cache"}
        try:
            fs.call_s3("put_object", Bucket=bucket, Key=key, Body=data, **about, **condition)
        except failures() as error:
            if not conflict(error):
                raise
            return False
        finally:
            fs.invalidate_cache()
        return True

    def accompany(self, path: str, data: bytes) -> None:
        """Write a file beside index.json."""
        retried(lambda: self.remote.fs.pipe_file(self.remote.path(path), data))

    def _get(self, name: str) -> bytes:
        return bytes(retried(lambda: self.remote.fs.cat_file(self.remote.path(name))))

    def _put(self, upload: Upload, path: str, data: bytes, create: bool = False) -> None:
        """Write a file of a release; S3 refuses bytes that are not of the digest that goes with them."""
        if hashlib.sha256(data).hexdigest() != upload.files[path]:
            raise changed(upload, path)
        fs, target = self.remote.fs, self.remote.path(upload.record.path + path)
        if self.remote.scheme not in S3:
            fs.pipe_file(target, data, mode="create" if create else "overwrite")
            return
        bucket, key, _ = fs.split_path(target)
        digest = base64.b64encode(bytes.fromhex(upload.files[path])).decode()
        about = {"ChecksumAlgorithm": "SHA256", "ChecksumSHA256": digest} | ({"IfNoneMatch": "*"} if create else {})
        fs.call_s3("put_object", Bucket=bucket, Key=key, Body=data, **about)
        fs.invalidate_cache()

    def _digest(self, upload: Upload, path: str) -> str:
        """Return the SHA-256 of a file that is there: the one that S3 keeps with it, else that of its bytes."""
        fs, name = self.remote.fs, upload.record.path + path
        if self.remote.scheme in S3:
            bucket, key, _ = fs.split_path(self.remote.path(name))
            kept = fs.call_s3("head_object", Bucket=bucket, Key=key, ChecksumMode="ENABLED").get("ChecksumSHA256", "")
            if kept and "-" not in kept:  # else it is that of an upload in parts
                return base64.b64decode(kept).hex()
        return hashlib.sha256(self._get(name)).hexdigest()

    def _sizes(self, upload: Upload) -> dict[str, int]:
        """Return the bytes of every file that is there, by path."""
        fs, root = self.remote.fs, self.remote.path(upload.record.path)
        fs.invalidate_cache()
        base = str(fs._strip_protocol(root)).rstrip("/") + "/"
        found = fs.find(root, detail=True).items()
        return {str(name).removeprefix(base): int(entry["size"]) for name, entry in found}

    def _whole(self, version: str) -> Record | None:
        """Return the record of a release of which every file is there as its SHA256SUMS says."""
        try:
            listing = self._get(f"{version}/{SUMS}")
            for path, digest in sums(listing, f"{self.remote.url}/{version}/{SUMS}").items():
                if hashlib.sha256(self._get(f"{version}/{path}")).hexdigest() != digest:
                    return None
            return record_of(self._get(f"{version}/{RECORD}"), listing)
        except (FileNotFoundError, IntegrityError, ConfigError):
            return None
