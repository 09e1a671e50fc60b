"""
Runs in the interpreter of tests/requirements-moto.txt: writes certificates into the folder that the first argument names.
`own.pem` is an authority, `other.pem` one that has signed nothing; NAME.pem with NAME.key is a server that `own` has signed.
"""

import datetime
import ipaddress
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

FOLDER = Path(sys.argv[1])
DAY = datetime.timedelta(days=1)
NOW = datetime.datetime.now(datetime.timezone.utc)


def certificate(name, issuer, key, signer, extension, begins, ends):
    def named(text):
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    builder = x509.CertificateBuilder(named(issuer), named(name), key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(begins).not_valid_after(ends).add_extension(extension, critical=True)
    return builder.sign(signer, hashes.SHA256())


def write(name, made, key):
    pem = serialization.Encoding.PEM
    text = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (FOLDER / f"{name}.pem").write_bytes(made.public_bytes(pem))
    (FOLDER / f"{name}.key").write_bytes(text)


def authority(name):
    key = ec.generate_private_key(ec.SECP256R1())
    extension = x509.BasicConstraints(ca=True, path_length=None)
    write(name, certificate(name, name, key, key, extension, NOW - DAY, NOW + DAY), key)
    return key


def server(name, signer, host, begins, ends):
    key = ec.generate_private_key(ec.SECP256R1())
    extension = x509.SubjectAlternativeName([host])
    write(name, certificate(name, "own", key, signer, extension, begins, ends), key)


own = authority("own")
authority("other")
here = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
server("good", own, here, NOW - DAY, NOW + DAY)
server("expired", own, here, NOW - 3 * DAY, NOW - DAY)
server("elsewhere", own, x509.DNSName("elsewhere.test"), NOW - DAY, NOW + DAY)
