"""An aspect that compiles each header of a cc_library alone (tools/headers_test)."""

load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain")

def _headers_alone_impl(target, ctx):
    # An aspect from the command line also visits what is outside, and other rules.
    if ctx.label.workspace_name or CcInfo not in target:
        return []
    headers = []
    for hdr in getattr(ctx.rule.attr, "hdrs", []):
        headers += [
            file
            for file in hdr.files.to_list()
            # A .inc is text for its header, not a header.
            if file.is_source and file.extension == "h"
        ]
    if not headers:
        return []
    toolchain = find_cpp_toolchain(ctx)
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        # The generated file belongs to no target whose modules could be checked.
        unsupported_features = ["layering_check", "module_maps"],
    )
    sources = []
    for header in headers:
        source = ctx.actions.declare_file("%s.alone.cc" % header.basename)

        # Twice, so that a missing include guard is seen as well.
        ctx.actions.write(source, "#include \"{path}\"\n#include \"{path}\"\n".format(
            path = header.short_path,
        ))
        sources.append(source)
    _, outputs = cc_common.compile(
        name = ctx.label.name + ".headers_alone",
        actions = ctx.actions,
        cc_toolchain = toolchain,
        compilation_contexts = [target[CcInfo].compilation_context],
        feature_configuration = features,
        srcs = sources,
        user_compile_flags = ctx.fragments.cpp.copts + ctx.fragments.cpp.cxxopts + [
            "-O0",
            "-Wall",
            "-Wextra",
            "-Werror",
            # Abseil 20220623 uses builtins that clang-19 calls deprecated.
            "-Wno-deprecated-builtins",
        ],
    )
    return [OutputGroupInfo(headers_alone = depset(outputs.objects + outputs.pic_objects))]

headers_alone = aspect(
    implementation = _headers_alone_impl,
    attrs = {
        "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
    },
    fragments = ["cpp"],
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
    doc = "Compiles each header in `hdrs` by itself; output group headers_alone.",
)
