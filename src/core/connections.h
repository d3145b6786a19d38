/* The sockets of a client's connections. libcurl keeps them; this list knows
** them by their local port, and so can look at one before a request leaves,
** and end one that went silent. */
#ifndef APV_CONNECTIONS_H
#define APV_CONNECTIONS_H

#include "apv.h"

APV_HIDDEN

struct apv_connection {
  int socket;
  int port; /* the local one; 0: not asked for yet */
  double heard; /* when the last answer came on it; 0: none */
};

/* All zero: empty. It must outlive the multi handle, since libcurl closes kept
** connections when that goes. */
struct apv_connections {
  struct apv_connection *list;
  size_t count;
  size_t room;
  int silent_port; /* of the last one that was ended for its silence */
  double silent_at; /* and when */
};

/* Opens a socket; below 0: there is none. One that finds no memory is not
** listed, and then never quiet. */
int apv_connections_open(
  struct apv_connections *connections, int family, int type, int protocol
);
void apv_connections_close(struct apv_connections *connections, int socket);

/* Whether a kept connection is open and has nothing unread, so that a request
** that must happen once may leave on it. HTTP/1.1 only, since over HTTP/2 a
** server may speak at any time; never of a new connection, on which a server
** leaves session tickets. Reads nothing. */
bool apv_connections_is_quiet(struct apv_connections *connections, int port);

/* A kept connection was closed by the other end; also over HTTP/2. */
bool apv_connections_has_ended(struct apv_connections *connections, int port);

/* An answer has come on that connection. */
void apv_connections_heard(
  struct apv_connections *connections, int port, double now
);

/* Ends a connection on which no answer has come since `since`, when a request
** left that was given up; libcurl then ends, or sends elsewhere, what else is
** on it. */
void apv_connections_end_silent(
  struct apv_connections *connections, int port, double since, double now
);
/* A request that was begun at `since` was on that connection when it was ended
** so. */
bool apv_connections_was_silent(
  const struct apv_connections *connections, int port, double since
);

/* Forgets the sockets, closing none: the multi handle is gone, or it is the
** parent's of a fork. */
void apv_connections_free(struct apv_connections *connections);

APV_SHOWN

#endif
