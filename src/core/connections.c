/* The sockets of a client's connections, by their local ports. */
#include "connections.h"

#include <string.h>

#include "memory.h"
#include "system.h"

enum { FIRST_ROOM = 16 };

/* --- the list ------------------------------------------------------------- */

static struct apv_connection *by_socket(
  struct apv_connections *connections, int socket
) {
  for (size_t i = 0; i < connections->count; i++) {
    if (connections->list[i].socket == socket) return &connections->list[i];
  }
  return NULL;
}

static bool grow(struct apv_connections *connections) {
  size_t room = connections->room ? connections->room * 2 : FIRST_ROOM;
  struct apv_connection *list = apv_allocate(room * sizeof *list);
  if (list == NULL) return false;
  if (connections->count > 0) {
    memcpy(list, connections->list, connections->count * sizeof *list);
  }
  apv_release(connections->list, connections->room * sizeof *list);
  connections->list = list;
  connections->room = room;
  return true;
}

/* If the number is listed already, that socket was closed without our being
** told. */
static void add(struct apv_connections *connections, int socket) {
  struct apv_connection *connection = by_socket(connections, socket);
  if (connection == NULL) {
    if (connections->count == connections->room && !grow(connections)) return;
    connection = &connections->list[connections->count++];
  }
  *connection = (struct apv_connection){.socket = socket};
}

void apv_connections_free(struct apv_connections *connections) {
  apv_release(connections->list, connections->room * sizeof *connections->list);
  *connections = (struct apv_connections){0};
}

int apv_connections_open(
  struct apv_connections *connections, int family, int type, int protocol
) {
  int socket = apv_system_socket(family, type, protocol);
  if (socket >= 0) add(connections, socket);
  return socket;
}

void apv_connections_close(struct apv_connections *connections, int socket) {
  struct apv_connection *connection = by_socket(connections, socket);
  if (connection != NULL) {
    *connection = connections->list[--connections->count];
  }
  apv_system_close_socket(socket);
}

/* --- one connection ------------------------------------------------------- */

/* NULL: no connection has that port, or two with different addresses have. */
static struct apv_connection *by_port(
  struct apv_connections *connections, int port
) {
  struct apv_connection *found = NULL;
  if (port <= 0) return NULL;
  for (size_t i = 0; i < connections->count; i++) {
    struct apv_connection *connection = &connections->list[i];
    if (connection->port == 0) {
      connection->port = apv_system_socket_port(connection->socket);
    }
    if (connection->port != port) continue;
    if (found != NULL) return NULL;
    found = connection;
  }
  return found;
}

bool apv_connections_is_quiet(struct apv_connections *connections, int port) {
  const struct apv_connection *connection = by_port(connections, port);
  return connection != NULL && apv_system_socket_is_quiet(connection->socket);
}

bool apv_connections_has_ended(struct apv_connections *connections, int port) {
  const struct apv_connection *connection = by_port(connections, port);
  return connection != NULL && apv_system_socket_has_ended(connection->socket);
}

void apv_connections_heard(
  struct apv_connections *connections, int port, double now
) {
  struct apv_connection *connection = by_port(connections, port);
  if (connection != NULL) connection->heard = now;
}

void apv_connections_end_silent(
  struct apv_connections *connections, int port, double since, double now
) {
  const struct apv_connection *connection = by_port(connections, port);
  if (connection == NULL || connection->heard >= since) return;
  apv_system_end_reading(connection->socket);
  connections->silent_port = port;
  connections->silent_at = now;
}

bool apv_connections_was_silent(
  const struct apv_connections *connections, int port, double since
) {
  return port > 0 && port == connections->silent_port &&
         since <= connections->silent_at;
}
