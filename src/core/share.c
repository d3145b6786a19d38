/* A client's gates, as other processes see them. */
#include "share.h"

#include <stdio.h>
#include <string.h>

#include "internal.h"

void apv_client_account(const apv_client *client, char *digits) {
  const char *texts[] = {client->base_url, client->credentials->api_key};
  unsigned long long sum = 0;
  for (int i = 0; i < 2; i++) {
    struct apv_slice text = {texts[i], 0};
    if (text.data == NULL) continue;
    text.size = strlen(text.data);
    sum = sum * 31 + apv_checksum(text);
  }
  snprintf(digits, 17, "%016llx", sum);
}

void apv_client_share(
  const apv_client *client, enum apv_class class, struct apv_share *out
) {
  const struct apv_lane *lane = &client->lanes[class];
  const struct apv_gate *gate = &lane->gate;
  *out = (struct apv_share){
    .known = apv_gate_known(gate),
    .in_flight = (int)gate->in_flight,
    .waits = lane->queue.first != NULL,
    .over = gate->window_ends > 0 && gate->window_ends <= apv_now(),
    .most = gate->remaining >= 0 ? gate->remaining : gate->burst,
  };
}

void apv_client_learn(
  apv_client *client, enum apv_class class, const struct apv_known *known
) {
  apv_gate_learn(&client->lanes[class].gate, known);
}

void apv_client_grant(
  apv_client *client, enum apv_class class, long long count, long long elsewhere
) {
  struct apv_gate *gate = &client->lanes[class].gate;
  gate->granted = count;
  gate->elsewhere = elsewhere;
}
