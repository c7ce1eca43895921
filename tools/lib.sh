# Sourced by the scripts beside it: progress lines and Bazel's log flags.

# step WHAT [HOW-LONG]: one line that says what comes now, and how long it may take.
step() { printf '== %s%s\n' "$1" "${2:+ ($2)}"; }

# On a terminal Bazel shows what it does; a log gets a line now and then.
if [[ -t 2 ]]; then
  log_flags=()
else
  log_flags=(--curses=no --color=no --show_progress_rate_limit=30 --noshow_loading_progress)
fi
