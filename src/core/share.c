/* A client's gates, as other processes see them. */
#include "share.h"

#include <stdio.h>

#include "client.h"
#include "system.h"

static const struct apv_lane *
lane_of(const apv_client *client, enum apv_class class) {
  return &client->engine.flight.lanes[class];
}

static struct apv_gate *gate_of(apv_client *client, enum apv_class class) {
  return &client->engine.flight.lanes[class].gate;
}

void apv_client_account(const apv_client *client, char *digits) {
  snprintf(digits, 17, "%016llx", client->account);
}

void apv_client_share(
  const apv_client *client, enum apv_class class, struct apv_share *out
) {
  const struct apv_lane *lane = lane_of(client, class);
  const struct apv_gate *gate = &lane->gate;
  *out = (struct apv_share){
    .known = apv_known_of(gate),
    .in_flight = (int)gate->in_flight,
    .waits = lane->queue.first != NULL,
    .over = gate->window_ends > 0 && gate->window_ends <= apv_system_now(),
    .most = gate->remaining >= 0 ? gate->remaining : gate->burst,
  };
}

void apv_client_learn(
  apv_client *client, enum apv_class class, const struct apv_known *known
) {
  apv_known_take(gate_of(client, class), known);
}

void apv_client_grant(
  apv_client *client, enum apv_class class, long long count, long long elsewhere
) {
  struct apv_gate *gate = gate_of(client, class);
  gate->granted = count;
  gate->elsewhere = elsewhere;
}
