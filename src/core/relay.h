/* A relay tells a host that can read a socket, and watch no descriptor of
** ours, that one of them is readable: a thread waits for that and writes a
** byte. The host connects to a unix socket in a folder that is only ours, and
** gone once it has. A system is one file, relay_linux.c for example, which is
** empty on others.
**
** It belongs to the process that made it, and to one thread of that: nothing
** here may be called from another one. */
#ifndef APV_RELAY_H
#define APV_RELAY_H

#include "apv.h"

APV_HIDDEN

struct apv_relay;

/* One that listens. APV_UNSUPPORTED: this system has no such thing, or there
** is no folder to write to; APV_NO_MEMORY: no memory, or no descriptor. */
enum apv_status apv_relay_new(struct apv_relay **out);
/* Where it listens. */
const char *apv_relay_path(const struct apv_relay *relay);
/* The host has connected: starts the thread. False: nobody of this process
** has, or there is no thread to be had. */
bool apv_relay_begin(struct apv_relay *relay);
/* Whether the host is still connected. */
bool apv_relay_works(const struct apv_relay *relay);
/* A byte is written the next time that the descriptor is readable, at once if
** it is, and then no more until this is called again. One that is closed is
** forgotten. False: there is no memory for it. */
bool apv_relay_watch(struct apv_relay *relay, int fd);
/* A descriptor that was watched is not watched any longer. */
void apv_relay_leave(struct apv_relay *relay, int fd);
/* A byte is written after so many seconds, up to 1e6; this replaces what was
** to come by an earlier call. */
void apv_relay_remind(struct apv_relay *relay, double seconds);
/* Writes a byte now. */
void apv_relay_tell(struct apv_relay *relay);
/* The same for all relays of this process. */
void apv_relay_tell_all(void);
/* Ends the thread; NULL is fine. */
void apv_relay_free(struct apv_relay *relay);

APV_SHOWN

#endif
