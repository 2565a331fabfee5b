"""Certificates for the tests: certificates.py DIRECTORY. A CA of its own, servers that it vouches for, one that is expired,
one that nobody vouches for, and a client's."""

import datetime
import ipaddress
import pathlib
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

directory = pathlib.Path(sys.argv[1])
now = datetime.datetime.now(datetime.timezone.utc)
DAY = datetime.timedelta(days=1)


def name(common):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def make(file, common, issuer=None, *, ca=False, client=False, hosts=("localhost", "127.0.0.1"), begin=-2, end=2):
    key = ec.generate_private_key(ec.SECP256R1())
    issuer_name, issuer_key = (name(common), key) if issuer is None else issuer
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(common))
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begin * DAY)
        .not_valid_after(now + end * DAY)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if not ca:
        usage = ExtendedKeyUsageOID.CLIENT_AUTH if client else ExtendedKeyUsageOID.SERVER_AUTH
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    if not ca and not client:
        names = [x509.IPAddress(ipaddress.ip_address(h)) if h[0].isdigit() else x509.DNSName(h) for h in hosts]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    certificate = builder.sign(issuer_key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    (directory / f"{file}.pem").write_bytes(certificate.public_bytes(pem))
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (directory / f"{file}.key").write_bytes(secret)
    return name(common), key


authority = make("ca", "Kernelkit's tests", ca=True)
make("trusted", "localhost", authority)
make("expired", "localhost", authority, begin=-4, end=-2)
make("other-host", "elsewhere.test", authority, hosts=("elsewhere.test",))
make("self-signed", "localhost")
make("client", "ann", authority, client=True)
