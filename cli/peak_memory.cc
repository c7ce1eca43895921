// peak_memory FILE COMMAND [ARGUMENT...]: runs the command and writes its peak
// resident size, in KiB, to FILE. The kernel counts what a process was before
// exec too, so the one that forks must be small, which an interpreter is not.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const pid_t child = fork();
  if (child < 0) return 2;
  if (child == 0) {
    execv(argv[2], argv + 2);
    _exit(127);
  }
  int status = 0;
  rusage usage;
  if (wait4(child, &status, 0, &usage) != child) return 2;
  std::FILE* const file = std::fopen(argv[1], "w");
  if (file == nullptr) return 2;
  std::fprintf(file, "%ld\n", usage.ru_maxrss);
  std::fclose(file);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
