/* POSIX systems: Linux, macOS, the BSDs. */
#ifndef _WIN32

#include "posix.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "system.h"

enum {
  FIRST_OWN = 3, /* descriptors below are the standard ones */
  MOST_UNSENT = 128 * 1024 /* bytes that the system holds of a connection */
};

/* --- clock, process, chance ----------------------------------------------- */

double apv_system_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static unsigned long forks;

static void count_fork(void) {
  forks++;
}

void apv_system_watch_forks(void) {
  static bool watched;
  if (!watched) watched = pthread_atfork(NULL, NULL, count_fork) == 0;
}

unsigned long apv_system_process(void) {
  return forks;
}

int apv_system_above_standard(int fd) {
  if (fd < 0 || fd >= FIRST_OWN) return fd;
  int own = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_OWN);
  int problem = errno;
  close(fd);
  errno = problem;
  return own;
}

bool apv_system_random(unsigned char *out, size_t size) {
  int fd =
    apv_system_above_standard(open("/dev/urandom", O_RDONLY | O_CLOEXEC));
  if (fd < 0) return false;
  size_t count = 0;
  while (count < size) {
    ssize_t more = read(fd, out + count, size - count);
    if (more < 0 && errno == EINTR) continue;
    if (more <= 0) break;
    count += (size_t)more;
  }
  close(fd);
  return count == size;
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void apv_system_lock(void) {
  pthread_mutex_lock(&lock);
}

void apv_system_unlock(void) {
  pthread_mutex_unlock(&lock);
}

struct aside {
  void (*work)(void *);
  void *argument;
};

static void *run_aside(void *argument) {
  struct aside aside = *(struct aside *)argument;
  free(argument);
  aside.work(aside.argument);
  return NULL;
}

void apv_system_run_aside(void (*work)(void *), void *argument) {
  pthread_t thread;
  struct aside *aside = malloc(sizeof *aside);
  if (aside != NULL) {
    *aside = (struct aside){work, argument};
    if (pthread_create(&thread, NULL, run_aside, aside) == 0) {
      pthread_detach(thread);
      return;
    }
    free(aside);
  }
  work(argument);
}

void apv_system_keep_loaded(void (*code)(void)) {
#ifdef RTLD_NODELETE
  Dl_info info;
  void *address; /* C has no cast for it, POSIX has the same bits */
  memcpy(&address, &code, sizeof address);
  if (dladdr(address, &info) == 0 || info.dli_fname == NULL) return;
  dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
#else
  (void)code;
#endif
}

void *apv_system_exported(const char *name) {
  return dlsym(RTLD_DEFAULT, name);
}

bool apv_system_lacks_descriptors(int count) {
  int first = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (first < 0) return errno == EMFILE || errno == ENFILE;
  bool lacks = count > 1 && apv_system_lacks_descriptors(count - 1);
  close(first);
  return lacks;
}

static volatile sig_atomic_t caught;

static void note(int number) {
  caught = number;
}

/* Lua's interpreter knows that one, and once only: the next time the process
** ends, and by the signal that was sent. */
static void forward(int number) {
  struct sigaction known;
  bool is_last =
    sigaction(SIGINT, NULL, &known) == 0 && known.sa_handler == SIG_DFL;
  caught = number;
  if (is_last) signal(number, SIG_DFL);
  raise(is_last ? number : SIGINT);
}

/* Unless whoever started this process has it ignored. */
static void handle(int number, void (*handler)(int)) {
  struct sigaction action;
  if (sigaction(number, NULL, &action) != 0) return;
  if (action.sa_handler == SIG_IGN) return;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, NULL);
}

/* Some interpreters have what waits for a read go on with it. */
static void end_reads(int number) {
  struct sigaction action;
  if (sigaction(number, NULL, &action) != 0) return;
  action.sa_flags &= ~SA_RESTART;
  sigaction(number, &action, NULL);
}

void apv_system_heed_signals(void) {
  end_reads(SIGINT);
  handle(SIGTERM, forward);
  handle(SIGHUP, forward);
  handle(SIGPIPE, note);
}

int apv_system_signal(const char **name) {
  *name = caught == SIGHUP    ? "SIGHUP"
          : caught == SIGPIPE ? "SIGPIPE"
                              : "SIGTERM";
  return caught;
}

/* --- sockets, terminals --------------------------------------------------- */

int apv_system_socket(int family, int type, int protocol) {
  int fd = apv_system_above_standard(socket(family, type, protocol));
  if (fd < 0) return fd;
  (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
#ifdef TCP_NOTSENT_LOWAT
  int most = MOST_UNSENT;
  (void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most, sizeof most);
#endif
  return fd;
}

void apv_system_close_socket(int fd) {
  close(fd);
}

int apv_system_socket_port(int fd) {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  } name;
  socklen_t size = sizeof name;
  memset(&name, 0, sizeof name);
  if (getsockname(fd, &name.any, &size) != 0) return 0;
  if (name.any.sa_family == AF_INET) return ntohs(name.v4.sin_port);
  if (name.any.sa_family == AF_INET6) return ntohs(name.v6.sin6_port);
  return 0;
}

/* libcurl's sockets never block. What recv() gives for one byte: above 0: some
** are unread; 0: the other end has closed; below 0: `errno` tells. */
static ssize_t peek(int fd) {
  char byte;
  ssize_t size;
  do {
    size = recv(fd, &byte, 1, MSG_PEEK);
  } while (size < 0 && errno == EINTR);
  return size;
}

bool apv_system_socket_is_quiet(int fd) {
  return peek(fd) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

bool apv_system_socket_has_ended(int fd) {
  return peek(fd) <= 0 && !apv_system_socket_is_quiet(fd);
}

void apv_system_end_reading(int fd) {
  (void)shutdown(fd, SHUT_RD);
}

static bool is_pipe_pending(void) {
  sigset_t pending;
  return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

static sigset_t only_pipe(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  return set;
}

typedef char mask_has_room
  [sizeof(sigset_t) <= sizeof((struct apv_system_pipe *)0)->mask ? 1 : -1];

void apv_system_hold_pipe(struct apv_system_pipe *pipe) {
  sigset_t set = only_pipe(), before;
  pipe->pending = is_pipe_pending();
  pthread_sigmask(SIG_BLOCK, &set, &before);
  memcpy(pipe->mask, &before, sizeof before);
}

void apv_system_release_pipe(const struct apv_system_pipe *pipe) {
  sigset_t set = only_pipe(), before;
  int taken;
  if (!pipe->pending && is_pipe_pending()) sigwait(&set, &taken);
  memcpy(&before, pipe->mask, sizeof before);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

int apv_system_terminal_width(int fd, bool *codes) {
  struct winsize size = {0};
  const char *name = getenv("TERM");
  *codes = name != NULL && *name != '\0';
  if (!isatty(fd)) return -1;
  return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

#endif
