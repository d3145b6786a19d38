/* Calls in the order of a time of theirs. */
#include "internal.h"

/* From the back: calls mostly come in their own order. */
void apv_timeline_insert(
  struct apv_timeline *line, struct apv_moment *moment, double at
) {
  struct apv_moment *before = line->last;
  while (before != NULL && before->at > at) before = before->previous;
  struct apv_moment *after = before ? before->next : line->first;
  moment->at = at;
  moment->listed = true;
  moment->previous = before;
  moment->next = after;
  *(before ? &before->next : &line->first) = moment;
  *(after ? &after->previous : &line->last) = moment;
}

void apv_timeline_remove(struct apv_timeline *line, struct apv_moment *moment) {
  struct apv_moment *before = moment->previous;
  struct apv_moment *after = moment->next;
  if (!moment->listed) return;
  *(before ? &before->next : &line->first) = after;
  *(after ? &after->previous : &line->last) = before;
  moment->listed = false;
  moment->previous = NULL;
  moment->next = NULL;
}
