/* usage: timed TIMES COMMAND [ARGUMENT…]
**
** Runs a command so many times, one after the other, and prints what it took
** together: seconds on the clock, of user and of system time, and the most
** memory that one of them had, in KiB. What the command prints comes before. */
#define _DEFAULT_SOURCE

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double seconds(struct timeval time) {
  return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* Runs it once; false: it failed. */
static int run(char **command) {
  int status;
  pid_t child = fork();
  if (child == 0) {
    execvp(command[0], command);
    perror(command[0]);
    _exit(127);
  }
  if (child < 0 || waitpid(child, &status, 0) != child) return 0;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int count, char **arguments) {
  if (count < 3) return 2;
  int times = atoi(arguments[1]);
  double start = now();
  for (int i = 0; i < times; i++) {
    if (!run(arguments + 2)) return 1;
  }
  double wall = now() - start;
  struct rusage usage;
  getrusage(RUSAGE_CHILDREN, &usage);
  printf(
    "timed %.6f %.6f %.6f %ld\n", wall, seconds(usage.ru_utime),
    seconds(usage.ru_stime), usage.ru_maxrss
  );
  return 0;
}
