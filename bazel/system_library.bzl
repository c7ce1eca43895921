"""Libraries that the operating system provides."""

def _run(ctx, args):
    result = ctx.execute(args)
    if result.return_code != 0:
        fail("%s: %s failed: %s" % (ctx.name, " ".join(args), result.stderr))
    return [flag for flag in result.stdout.replace("\n", " ").split(" ") if flag]

def _system_library_impl(ctx):
    cflags = []
    linkopts = list(ctx.attr.linkopts)
    if ctx.attr.pkg_config:
        cflags = _run(ctx, ["pkg-config", "--cflags", ctx.attr.pkg_config])
        linkopts += _run(ctx, ["pkg-config", "--libs", ctx.attr.pkg_config])
    for path in ctx.attr.hdrs:
        source = ctx.path(ctx.attr.include_dir + "/" + path)
        if not source.exists:
            fail("%s: no %s; install %s" % (ctx.name, source, ctx.attr.debian_package))
        ctx.symlink(source, "include/" + path)
    ctx.file("BUILD.bazel", """\
cc_library(
    name = "{name}",
    hdrs = glob(["include/**"]),
    defines = {defines},
    includes = ["include"],
    linkopts = {linkopts},
    visibility = ["//visibility:public"],
)
""".format(
        name = ctx.attr.target,
        defines = repr([flag[2:] for flag in cflags if flag.startswith("-D")]),
        linkopts = repr(linkopts),
    ))

system_library = repository_rule(
    implementation = _system_library_impl,
    attrs = {
        "debian_package": attr.string(mandatory = True, doc = "What to install when a header is missing."),
        "hdrs": attr.string_list(mandatory = True, doc = "Headers, or folders of headers, below include_dir."),
        "include_dir": attr.string(default = "/usr/include"),
        "linkopts": attr.string_list(),
        "pkg_config": attr.string(doc = "Name to ask pkg-config for, when its answer is right."),
        "target": attr.string(mandatory = True),
    },
    local = True,
    environ = ["PKG_CONFIG_PATH"],
    doc = "A library that the operating system provides.",
)
