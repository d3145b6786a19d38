/* What differs between systems. This header is the whole of it; the files of a
** system, system_posix.c for example, are empty on others. */
#ifndef APV_SYSTEM_H
#define APV_SYSTEM_H

#include <stdio.h>

#include "apv.h"

APV_HIDDEN

/* --- clock, process, chance ----------------------------------------------- */

/* Seconds on a clock that never goes back. */
double apv_system_now(void);

/* From the first call on forks are noticed; the others do nothing. */
void apv_system_watch_forks(void);
/* A number that a child process does not share with its parent. It costs no
** system call. */
unsigned long apv_system_process(void);

/* Fills `out` with bytes that nobody can foresee; false: there are none. */
bool apv_system_random(unsigned char *out, size_t size);

/* One lock for what is set up once in a process. */
void apv_system_lock(void);
void apv_system_unlock(void);

/* Whether the process cannot have so many descriptors more, 1 or 2. */
bool apv_system_lacks_descriptors(int count);

/* Runs `work` in a thread of its own that nobody waits for; where there is none
** to be had, at once. */
void apv_system_run_aside(void (*work)(void *), void *argument);

/* Keeps the shared library with this code in memory when a host unloads it. */
void apv_system_keep_loaded(void (*code)(void));
/* Where something that the host exports begins; NULL: it exports nothing of
** that name, or no program can be asked here. */
void *apv_system_exported(const char *name);

/* From here on the signals that end a program, beside Ctrl-C's, do what that
** does, and all of them end what waits for a read; SIGPIPE only fails the
** write that it comes from, and is remembered. Whoever has them ignored, as
** nohup has, keeps that. */
void apv_system_heed_signals(void);
/* The number of the one that came last, with its name; 0: none did. */
int apv_system_signal(const char **name);

/* --- sockets, terminals --------------------------------------------------- */

/* POSIX only: moves a descriptor above the three standard ones, which a host
** may have closed, and write to all the same. Below 0: there is none; errno
** says why. */
int apv_system_above_standard(int fd);

/* A thread's mask of signals, and whether a signal was waiting. */
struct apv_system_pipe {
  unsigned char mask[128];
  bool pending;
};

/* A socket for libcurl, or below 0. Programs that the host starts do not
** inherit it, and the system takes no more for it than it will soon send, so
** that what has left is known; where it cannot, that is known later. */
int apv_system_socket(int family, int type, int protocol);

void apv_system_close_socket(int fd);
/* Its local port, 0: it has none. */
int apv_system_socket_port(int fd);
/* It is open, and nothing that came is unread. */
bool apv_system_socket_is_quiet(int fd);
/* The other end has closed it. */
bool apv_system_socket_has_ended(int fd);
/* What reads from it finds its end. It can be written to still: whoever does is
** not hit by a signal. */
void apv_system_end_reading(int fd);

/* Holds off SIGPIPE, which a write to a closed connection sends, from the
** calling thread; each is followed by one release. */
void apv_system_hold_pipe(struct apv_system_pipe *pipe);
void apv_system_release_pipe(const struct apv_system_pipe *pipe);

/* The columns of the terminal behind a descriptor, 0 where it does not say,
** -1: no terminal is behind it. `*codes` is whether it takes those for colours
** and places. Where a program can turn on these and UTF-8, they are on from
** then until it ends. */
int apv_system_terminal_width(int fd, bool *codes);

/* --- files ---------------------------------------------------------------- */

/* What is known of an open file. */
struct apv_system_state {
  struct apv_identity identity;
  bool regular;
  bool directory;
  bool pipe; /* or what is read like one: a socket, a device */
  bool linked; /* it has a name somewhere */
};

/* Each returns NULL, or why it cannot be done. No descriptor is one of the
** three standard ones: a host may have closed those, and write to them. */
const char *apv_system_open(const char *path, int *fd);
const char *apv_system_duplicate(int fd, int *own);
const char *apv_system_look(int fd, struct apv_system_state *state);
const char *apv_system_look_at(
  const char *path, struct apv_system_state *state
);
/* Reads at most `*size` bytes; `*size` is then how many, 0 at the end. */
const char *apv_system_read(int fd, char *out, size_t *size, long long offset);
void apv_system_close(int fd);

/* Reads what has no positions, and waits that long for something to come;
** `*size` is 0 if nothing did, or a signal, and where it has ended. Standard
** input is 0. */
const char *apv_system_read_pipe(
  int fd, char *out, size_t *size, double seconds, bool *has_ended
);

/* Takes the lock of a file, which is made if it is not there. `*lock` is what
** unlocks it, -1: another one has it. A system, or a file system, without locks
** gives everybody one. */
const char *apv_system_lock_file(const char *path, int *lock);
void apv_system_unlock_file(int lock);

/* The path means the same whatever the current directory is. */
bool apv_system_is_absolute(const char *path);
/* The descriptor of a stream, which is that of the library with this code: a
** process may have several C libraries. */
const char *apv_system_stream(FILE *stream, void (*code)(void), int *fd);
/* A path, or a name, in UTF-8 instead of the encoding that programs of this
** system have it in; → its length. 0: it is the same, or does not fit. */
size_t apv_system_utf8(const char *path, char *out, size_t size);
/* The other way round. 0: it is the same, or has no name in that encoding. */
size_t apv_system_native(const char *path, char *out, size_t size);

APV_SHOWN

#endif
