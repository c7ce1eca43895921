"""Rules of this workspace: executables that hide symbols, and fuzz targets."""

load("@rules_cc//cc:defs.bzl", "cc_binary")

# Of this workspace, whichever workspace calls.
_HIDDEN = str(Label("//bazel:hidden.map"))
_FUZZER = str(Label("//bazel:fuzzer"))
_TSAN = str(Label("//bazel:tsan"))
_REPLAY = str(Label("//testing/fuzz:replay_main.cc"))
_RUN = str(Label("//testing/fuzz:run.sh"))

def postseal_binary(name, linkopts = [], additional_linker_inputs = [], **kwargs):
    """A cc_binary that exports no symbol.

    The static BoringSSL inside would otherwise answer for the OpenSSL of a
    shared library in the same process (docs/ARCHITECTURE.md, "Symbols"). With
    AddressSanitizer and ThreadSanitizer it does export them: shared libraries must
    find their malloc and pthread_create.

    Args:
      name: the executable's name.
      linkopts: further linker options.
      additional_linker_inputs: further linker inputs.
      **kwargs: passed to cc_binary.
    """
    cc_binary(
        name = name,
        additional_linker_inputs = additional_linker_inputs + [_HIDDEN],
        linkopts = linkopts + select({
            _FUZZER: [],
            _TSAN: [],
            "//conditions:default": [
                "-Wl,--exclude-libs,ALL",
                "-Wl,--version-script=$(location %s)" % _HIDDEN,
                "-Wl,--gc-sections",
            ],
        }),
        **kwargs
    )

def postseal_fuzz_test(name, srcs, corpus, deps = [], **kwargs):
    """A libFuzzer target `name`, and `name`_test, a test in every configuration.

    With --config=asan the test fuzzes for three seconds from its corpus;
    otherwise it replays the corpus once. tools/fuzz runs the same targets longer.

    Args:
      name: the target's name, NOUN_fuzz by custom.
      srcs: one file that defines LLVMFuzzerTestOneInput.
      corpus: label of a filegroup in testdata/fuzz; its files are the seeds.
      deps: what it links.
      **kwargs: passed to both rules.
    """
    cc_binary(
        name = name,
        testonly = True,
        srcs = srcs + select({
            _FUZZER: [],
            "//conditions:default": [_REPLAY],
        }),
        linkopts = select({
            _FUZZER: ["-fsanitize=fuzzer"],
            "//conditions:default": [],
        }),
        deps = deps,
        **kwargs
    )
    native.sh_test(
        name = name + "_test",
        srcs = [_RUN],
        args = ["$(location :%s)" % name] + select({
            _FUZZER: ["fuzz"],
            "//conditions:default": ["replay"],
        }) + ["$(locations %s)" % corpus],
        data = [
            ":" + name,
            corpus,
        ],
        tags = ["fuzz"],
        **kwargs
    )
