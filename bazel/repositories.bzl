"""The external repositories this workspace depends on."""

load("//bazel:debian_source.bzl", "debian_source", "debian_source_index")
load("//bazel:file_repository.bzl", "file_repository")
load("//bazel:system_library.bzl", "system_library")

def _declare(rule, name, **kwargs):
    """Declares a repository, unless the workspace that calls has one of that name."""
    if not native.existing_rule(name):
        rule(name = name, **kwargs)

def postseal_dependencies():
    """Declares every external repository that is not there yet.

    Another workspace calls it after its own repositories (examples/bazel/WORKSPACE).
    """
    _bazel_rules()
    _source_libraries()
    _system_libraries()

def _bazel_rules():
    # Debian ships these beside its Bazel, which would otherwise fetch them.
    for name, path in {
        "bazel_skylib": "/usr/share/bazel/tools/skylib",
        "platforms": "/usr/share/bazel/tools/platforms",
        "rules_java": "/usr/share/bazel/rules/java",
    }.items():
        _declare(native.local_repository, name, path = path)

    # Debian's rules_cc needs a newer Bazel than Debian's.
    _declare(
        file_repository,
        name = "rules_cc",
        files = {
            "BUILD.bazel": "",
            "cc/BUILD.bazel": "",
            "cc/defs.bzl": """\
cc_binary = native.cc_binary
cc_import = native.cc_import
cc_library = native.cc_library
cc_test = native.cc_test
cc_toolchain = native.cc_toolchain
cc_toolchain_suite = native.cc_toolchain_suite
""",
        },
    )

    # Bazel resolves these two labels for every test; coverage here is clang's
    # own (tools/coverage), so empty ones do.
    _declare(
        file_repository,
        name = "remote_coverage_tools",
        files = {
            "BUILD.bazel": """\
filegroup(
    name = "coverage_report_generator",
    visibility = ["//visibility:public"],
)

filegroup(
    name = "lcov_merger",
    visibility = ["//visibility:public"],
)
""",
        },
    )

def _source_libraries():
    _declare(debian_source_index, name = "debian_source_index")
    _declare(
        debian_source,
        name = "com_google_absl",
        package = "abseil",
        # Not configure.diff, which makes absl::string_view differ from
        # std::string_view.
        debian_patches = ["CVE-2025-0838.patch"],
        files = {
            "abseil_20220623.1.orig.tar.gz": "abfe2897f3a30edaa74bc34365afe3c2a3cd012091a97dc7e008f7016adcd5fe",
            "abseil_20220623.1-1+deb12u2.debian.tar.xz": "e08490fc7b6f3beca1925953b0c4fb92df2de5e2a01295e4641e2a3d4e528eeb",
        },
        strip_prefix = "abseil-20220623.1",
        version = "20220623.1-1+deb12u2",
    )
    _declare(
        debian_source,
        name = "boringssl",
        package = "android-platform-external-boringssl",
        files = {
            "android-platform-external-boringssl_13.0.0+r24.orig.tar.xz": "583b7aeee1fca68b8244d086cea6fca23bd19d517bd63f0b9de714e048f92a7d",
        },
        strip_prefix = "android-platform-external-boringssl-13.0.0+r24",
        version = "13.0.0+r24-2",
    )
    _declare(
        debian_source,
        name = "com_google_googletest",
        package = "googletest",
        files = {
            "googletest_1.12.1.orig.tar.gz": "81964fe578e9bd7c94dfdb09c8e4d6e6759e19967e397dbea48d1c10e45d0df2",
        },
        strip_prefix = "googletest-release-1.12.1",
        version = "1.12.1-0.2",
    )
    _declare(
        debian_source,
        name = "com_github_google_benchmark",
        package = "benchmark",
        files = {
            "benchmark_1.7.1.orig.tar.gz": "6430e4092653380d9dc4ccb45a1e2dc9259d581f4866dc0759713126056bc1d7",
        },
        strip_prefix = "benchmark-1.7.1",
        version = "1.7.1-1",
    )

def _system_libraries():
    _declare(
        system_library,
        name = "libunbound",
        debian_package = "libunbound-dev",
        hdrs = [
            "unbound.h",
            "unbound-event.h",
        ],
        # libunbound.pc asks for libevent's, which is not needed to link.
        linkopts = ["-lunbound"],
        target = "unbound",
    )
    _declare(
        system_library,
        name = "libidn2",
        debian_package = "libidn2-dev",
        hdrs = ["idn2.h"],
        pkg_config = "libidn2",
        target = "idn2",
    )
    # Public suffixes, for the RFC 7489 mode of dmarc/.
    _declare(
        system_library,
        name = "libpsl",
        debian_package = "libpsl-dev",
        hdrs = ["libpsl.h"],
        linkopts = ["-lpsl"],
        target = "psl",
    )
    # The milter's event loop and metrics.
    _declare(
        system_library,
        name = "libevent",
        debian_package = "libevent-dev",
        hdrs = ["event2"],
        linkopts = ["-levent"],
        target = "event",
    )
    _declare(
        system_library,
        name = "prometheus_cpp",
        debian_package = "prometheus-cpp-dev",
        hdrs = ["prometheus"],
        linkopts = ["-lprometheus-cpp-core"],
        target = "prometheus",
    )
    # What store/ keeps facts in.
    _declare(
        system_library,
        name = "sqlite",
        debian_package = "libsqlite3-dev",
        hdrs = ["sqlite3.h"],
        linkopts = ["-lsqlite3"],
        target = "sqlite",
    )
    _declare(
        system_library,
        name = "libpq",
        debian_package = "libpq-dev",
        hdrs = [
            "libpq-fe.h",
            "pg_config_ext.h",
            "postgres_ext.h",
        ],
        include_dir = "/usr/include/postgresql",
        linkopts = ["-lpq"],
        target = "pq",
    )
    # Only for bench/contenders and interop.
    _declare(
        system_library,
        name = "libspf2",
        debian_package = "libspf2-dev",
        hdrs = ["spf2"],
        linkopts = ["-lspf2"],
        target = "spf2",
    )
    _declare(
        system_library,
        name = "libopendmarc",
        debian_package = "libopendmarc-dev",
        hdrs = ["opendmarc"],
        linkopts = ["-lopendmarc"],
        target = "opendmarc",
    )
    _declare(
        system_library,
        name = "libopendkim",
        debian_package = "libopendkim-dev",
        hdrs = ["opendkim"],
        linkopts = ["-lopendkim"],
        target = "opendkim",
    )
    _declare(
        system_library,
        name = "openssl",
        debian_package = "libssl-dev",
        hdrs = ["openssl"],
        linkopts = ["-lcrypto"],
        target = "crypto",
    )
    _declare(
        system_library,
        name = "cli11",
        debian_package = "libcli11-dev",
        hdrs = ["CLI"],
        target = "cli11",
    )
    _declare(
        system_library,
        name = "nlohmann_json",
        debian_package = "nlohmann-json3-dev",
        hdrs = ["nlohmann"],
        target = "json",
    )
