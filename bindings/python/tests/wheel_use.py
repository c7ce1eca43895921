"""wheel_use.py openssl|postseal: uses an installed wheel; which of the two is loaded first."""
import os
import sys


def import_openssl():
    import hashlib
    import ssl

    # FIPS 180-4's example.
    assert hashlib.sha256(b"abc").hexdigest().startswith("ba7816bf")
    return ssl.create_default_context()


def use_postseal():
    import postseal
    from postseal import testing

    assert "environment" in postseal.__file__, postseal.__file__
    domain = testing.Domain("example.com", kind="rsa")
    message = domain.sign(testing.message_from("a@example.com"))
    report = postseal.verify(message, client_ip="192.0.2.1", mail_from="a@example.com",
                             now=testing.NOW, resolver=domain.zone())
    assert report.passed, report.explanation
    # The list of libpsl is in the library, not in a file of the system.
    config = postseal.Config(public_suffixes="")
    assert postseal.org_domain("a.example.co.uk", config) == "example.co.uk"
    postseal.Unbound(server="127.0.0.1:1").close()


def loaded():
    """The shared objects of the process."""
    with open("/proc/self/maps", encoding="ascii") as maps:
        return {line.split()[-1] for line in maps if ".so" in line}


def main():
    if sys.argv[1] == "openssl":
        import_openssl()
        use_postseal()
    else:
        use_postseal()
        import_openssl()
        use_postseal()
    ours = {os.path.basename(path) for path in loaded() if "postseal/_lib" in path}
    assert {"libpostseal.so.0", "libpostseal-unbound.so.0"} <= ours, ours
    for stem in ("libpsl-", "libidn2-", "libunbound-"):
        assert any(name.startswith(stem) for name in ours), (stem, ours)
    system = {os.path.basename(path) for path in loaded() if "postseal/_lib" not in path}
    assert not any(name.startswith(("libpsl", "libidn2", "libunbound")) for name in system), system


if __name__ == "__main__":
    main()
