#!/usr/bin/env python3
"""Opens a Keyturn store and prints its keys as JSON.

Written from docs/format.md alone, as proof that the page suffices. It needs Python 3.9 with PyNaCl and argon2-cffi
(Debian: python3-nacl, python3-argon2).

    read_store.py STORE --passphrase-file FILE [--slot N]

STORE is vault.db, or a file such as docs/format-vectors.json. It prints secrets: mind where to.
"""

import argparse
import base64
import hashlib
import hmac
import json
import sqlite3
import struct
import sys

import argon2.low_level
import nacl.bindings
import nacl.exceptions

SLOT, KEYRING, VAULT_HEAD, KEY_HEAD, WRAPPED_KEY, VERSION = 1, 2, 3, 4, 5, 6
IN_SUMS = {1, 4, 8, 9, 10, 11, 12}


class Refused(Exception):
    """The store, the passphrase or a record is not what it should be."""


# ---- Protocol Buffers ----


def read_varint(data, offset):
    value = shift = 0
    while True:
        if offset >= len(data) or shift > 63:
            raise Refused("a record ends inside an integer")
        byte = data[offset]
        offset += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, offset


def write_varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def fields_of(data):
    """The fields of a message, as a list of (number, value); a value is an integer or bytes."""
    fields, offset = [], 0
    while offset < len(data):
        tag, offset = read_varint(data, offset)
        if tag & 7 == 0:
            value, offset = read_varint(data, offset)
        elif tag & 7 == 2:
            length, offset = read_varint(data, offset)
            if length > len(data) - offset:
                raise Refused("a record ends inside a field")
            value, offset = data[offset : offset + length], offset + length
        else:
            raise Refused("a record has a field of an unknown type")
        fields.append((tag >> 3, value))
    return fields


class Message:
    """A message, read by field number. `canonical` lists the numbers that may appear once, and `many` those that may
    appear more often; where they are given, the encoding must be the canonical one."""

    def __init__(self, data, canonical=None, many=()):
        self.fields = fields_of(data)
        if canonical is None:
            return
        numbers = [number for number, _ in self.fields]
        spelt = b"".join(
            write_varint(number << 3) + write_varint(value)
            if isinstance(value, int)
            else write_varint(number << 3 | 2) + write_varint(len(value)) + value
            for number, value in self.fields
        )
        if (
            spelt != data
            or numbers != sorted(numbers)
            or any(number not in canonical and number not in many for number in numbers)
            or any(numbers.count(number) > 1 for number in canonical)
            or any(value in (0, b"") for _, value in self.fields)
        ):
            raise Refused("a record is not in its canonical encoding")

    def integer(self, number):
        return next((v for n, v in reversed(self.fields) if n == number and isinstance(v, int)), 0)

    def bytes(self, number, length=None):
        found = next((v for n, v in reversed(self.fields) if n == number and not isinstance(v, int)), b"")
        if length is not None and len(found) != length:
            raise Refused("a field of a record has another length")
        return found

    def text(self, number):
        return self.bytes(number).decode()

    def repeated(self, number):
        return [v for n, v in self.fields if n == number]

    def integers(self, number):
        """A repeated integer field, packed or not."""
        out = []
        for value in self.repeated(number):
            if isinstance(value, int):
                out.append(value)
                continue
            offset = 0
            while offset < len(value):
                item, offset = read_varint(value, offset)
                out.append(item)
        return out


# ---- Primitives ----


def H(person, message, key=b""):
    return hashlib.blake2b(message, digest_size=32, key=key, person=person.encode()).digest()


def open_sealed(ciphertext, data, nonce, key):
    """The plaintext, or None."""
    try:
        return nacl.bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(ciphertext, data, nonce, key)
    except (nacl.exceptions.CryptoError, ValueError):
        return None


# ---- The store ----


def read_rows(path):
    with open(path, "rb") as file:
        is_database = file.read(16) == b"SQLite format 3\0"
    if is_database:
        database = sqlite3.connect("file:" + path + "?mode=ro", uri=True)
        rows = {bytes(key): bytes(data) for key, data in database.execute("SELECT key, bytes FROM record")}
        database.close()
        return rows
    with open(path, encoding="utf-8") as file:
        return {bytes.fromhex(row["key"]): bytes.fromhex(row["bytes"]) for row in json.load(file)["rows"]}


class Slot:
    def __init__(self, data):
        message = Message(data)
        if message.integer(1) > 1:
            raise Refused("the store is of a newer format than this reader knows")
        message = Message(data, canonical=range(1, 13))
        if message.integer(1) != 1:
            raise Refused("the slot has no format")
        self.vault = message.bytes(2, 16)
        self.number, self.kind = message.integer(3), message.integer(4)
        self.memory, self.iterations, self.parallelism = (message.integer(n) for n in (6, 7, 8))
        self.salt, self.nonce = message.bytes(9, 16), message.bytes(10, 24)
        self.commitment, self.wrapped_root = message.bytes(11, 32), message.bytes(12, 48)
        self.mark = (message.integer(5), self.nonce, self.wrapped_root[-16:])
        if self.number > 7 or self.kind not in (1, 2):
            raise Refused("the slot's number or kind is none")
        least_iterations = 1 if self.memory == 2097152 else 3
        if not (
            65536 <= self.memory <= 2097152
            and least_iterations <= self.iterations <= 10
            and 1 <= self.parallelism <= 8
        ):
            raise Refused("the slot's costs are out of range")
        self.header = (
            b"KTSLOT01"
            + self.vault
            + struct.pack(">BBIII", self.number, self.kind, self.memory, self.iterations, self.parallelism)
            + self.salt
            + self.nonce
        )

    def open(self, passphrase):
        out = argon2.low_level.hash_secret_raw(
            passphrase, self.salt, self.iterations, self.memory, self.parallelism, 32, argon2.low_level.Type.ID, 19
        )
        if not hmac.compare_digest(H("keyturn commit", self.header, out), self.commitment):
            raise Refused("the passphrase is wrong")
        root = open_sealed(
            self.wrapped_root, self.header + self.commitment, self.nonce, H("keyturn slot key", self.header, out)
        )
        if root is None:
            raise Refused("the passphrase is right, but the slot is damaged")
        return root


class Envelope:
    def __init__(self, data):
        message = Message(data, canonical=range(1, 5))
        self.generation, self.sealing_key = message.integer(1), message.integer(2)
        self.nonce, self.ciphertext = message.bytes(3, 24), message.bytes(4)
        self.mark = (self.generation, self.nonce, self.ciphertext[-16:])

    def open(self, what, vault, kind, subject, key, digest=bytes(32), number=0):
        data = (
            b"KTREC001"
            + vault
            + bytes([kind])
            + subject
            + digest
            + struct.pack(">IQI", number, self.generation, self.sealing_key)
        )
        plaintext = open_sealed(self.ciphertext, data, self.nonce, key)
        if plaintext is None:
            raise Refused(what + " was altered or belongs elsewhere")
        return plaintext


def mark_of(data):
    message = Message(data)
    return message.integer(1), message.bytes(2, 24), message.bytes(3, 16)


class Store:
    def __init__(self, rows, passphrase, slot):
        self.rows = rows
        self.slot = Slot(self.record(SLOT, bytes(31) + bytes([slot]), "slot %d" % slot))
        if self.slot.number != slot:
            raise Refused("the slot stands at another's place")
        self.vault = self.slot.vault
        root = self.slot.open(passphrase)
        envelope = self.envelope(KEYRING, bytes(32), "the keyring")
        self.keyring_mark = envelope.mark
        if envelope.sealing_key != 0:
            raise Refused("the keyring names a data key")
        ring = Message(
            envelope.open("the keyring", self.vault, KEYRING, bytes(32), H("keyturn keyring", self.vault, root)),
            canonical=range(2, 6),
            many=[1],
        )
        self.data_keys = {}
        for item in ring.repeated(1):
            key = Message(item, canonical=range(1, 4))
            if key.integer(1) <= max(self.data_keys, default=0):
                raise Refused("the keyring's data keys are out of order")
            self.data_keys[key.integer(1)] = key.bytes(2, 32)
        if ring.integer(2) != max(self.data_keys, default=0):
            raise Refused("the keyring's current data key is not its last")
        self.row_id_key, self.sum_key = ring.bytes(3, 32), ring.bytes(4, 32)

    def record(self, kind, row, what):
        try:
            return self.rows[bytes([kind]) + row]
        except KeyError:
            raise Refused(what + " is not in the store") from None

    def envelope(self, kind, row, what):
        return Envelope(self.record(kind, row, what))

    def row_id(self, kind, name):
        return H("keyturn row id", bytes([kind]) + name, self.row_id_key)

    def open_by_data_key(self, envelope, what, kind, subject, digest=bytes(32)):
        if envelope.sealing_key not in self.data_keys:
            raise Refused("%s names a data key that is not in the keyring" % what)
        return envelope.open(what, self.vault, kind, subject, self.data_keys[envelope.sealing_key], digest)

    def check_sums(self):
        head = Message(
            self.open_by_data_key(
                self.envelope(VAULT_HEAD, bytes(32), "the vault head"), "the vault head", VAULT_HEAD, bytes(32)
            )
        )
        if mark_of(head.bytes(8)) != self.keyring_mark:
            raise Refused("the keyring is not the one that the vault head means")
        sums, counts = [0] * 256, [0] * 256
        for place, data in self.rows.items():
            if place[0] not in IN_SUMS:
                continue
            generation, nonce, tag = (Slot(data) if place[0] == SLOT else Envelope(data)).mark
            bucket = H("keyturn bucket", place, self.sum_key)[0]
            entry = H("keyturn sum", place + struct.pack(">Q", generation) + nonce + tag, self.sum_key)
            sums[bucket] = (sums[bucket] + int.from_bytes(entry, "little")) % 2**256
            counts[bucket] += 1
        remembered, remembered_counts = head.bytes(2, 8192), head.integers(3)
        for bucket in range(256):
            expected = int.from_bytes(remembered[32 * bucket : 32 * bucket + 32], "little")
            if sums[bucket] != expected or counts[bucket] != remembered_counts[bucket]:
                raise Refused("bucket %d differs: a record was altered, removed or brought back" % bucket)

    def keys(self):
        keys = []
        for place, data in self.rows.items():
            if place[0] != KEY_HEAD:
                continue
            row = place[1:]
            head = Message(self.open_by_data_key(Envelope(data), "a head", KEY_HEAD, row))
            path = head.text(2)
            if self.row_id(KEY_HEAD, path.encode()) != row:
                raise Refused("the head of %s stands at another's place" % path)
            keys.append(self.key(path, head))
        return sorted(keys, key=lambda key: key["path"])

    def key(self, path, head):
        key_id = head.bytes(1, 16)
        subject, digest = key_id + bytes(16), H("keyturn path", path.encode())
        what = "the wrapped key of " + path
        wrapped = self.envelope(WRAPPED_KEY, self.row_id(WRAPPED_KEY, key_id), what)
        if wrapped.mark != mark_of(head.bytes(19)):
            raise Refused(what + " is not the one that its head means")
        plaintext = self.open_by_data_key(wrapped, what, WRAPPED_KEY, subject, digest)
        own_key = Message(plaintext, canonical=[1]).bytes(1, 32)
        stages = {head.integer(17): "previous", head.integer(16): "pending", head.integer(15): "current"}
        versions = []
        for item in head.repeated(14):
            version = Message(item)
            number = version.integer(1)
            what = "version %d of %s" % (number, path)
            body = self.envelope(VERSION, self.row_id(VERSION, key_id + struct.pack(">I", number)), what)
            if body.mark != mark_of(version.bytes(6)):
                raise Refused(what + " is not the one that its head means")
            if body.sealing_key != 0:
                raise Refused(what + " names a data key")
            plaintext = body.open(what, self.vault, VERSION, subject, own_key, digest, number)
            versions.append({"number": number, "stage": stages.get(number), "fields": version_fields(plaintext)})
        return {"path": path, "versions": versions}


def version_fields(plaintext):
    out, last = {}, b""
    for item in Message(plaintext, canonical=[], many=[1]).repeated(1):
        field = Message(item, canonical=[1, 2])
        name, value = field.bytes(1), field.bytes(2)
        if name <= last:
            raise Refused("the fields of a version are out of order")
        last = name
        try:
            out[name.decode()] = value.decode()
        except UnicodeDecodeError:
            out[name.decode()] = {"base64": base64.b64encode(value).decode()}
    return out


def main():
    parser = argparse.ArgumentParser(description="Opens a Keyturn store and prints its keys as JSON.")
    parser.add_argument("store")
    parser.add_argument("--passphrase-file", required=True)
    parser.add_argument("--slot", type=int, default=0, choices=range(8))
    arguments = parser.parse_args()
    with open(arguments.passphrase_file, "rb") as file:
        passphrase = file.read()
    if passphrase.endswith(b"\n"):
        passphrase = passphrase[:-1]
    try:
        if not 1 <= len(passphrase) <= 1024:
            raise Refused("a passphrase has 1 to 1024 bytes")
        store = Store(read_rows(arguments.store), passphrase, arguments.slot)
        store.check_sums()
        print(json.dumps({"sums": "match", "keys": store.keys()}, ensure_ascii=False, indent=2))
    except Refused as refused:
        sys.exit("read_store: %s" % refused)


if __name__ == "__main__":
    main()
