/* A pairing heap: insertion takes constant time, removal O(log n) over time. */
#include "timeline.h"

static bool is_earlier(const struct apv_moment *a, const struct apv_moment *b) {
  return a->at < b->at || (a->at == b->at && a->order < b->order);
}

/* Joins two heaps, each a root without siblings. */
static struct apv_moment *meld(struct apv_moment *a, struct apv_moment *b) {
  if (a == NULL) return b;
  if (b == NULL) return a;
  if (is_earlier(b, a)) {
    struct apv_moment *earlier = b;
    b = a;
    a = earlier;
  }
  b->before = a;
  b->sibling = a->child;
  if (b->sibling != NULL) b->sibling->before = b;
  a->child = b;
  return a;
}

/* Takes the first of the siblings off `*list`. */
static struct apv_moment *take(struct apv_moment **list) {
  struct apv_moment *moment = *list;
  if (moment == NULL) return NULL;
  *list = moment->sibling;
  moment->sibling = NULL;
  moment->before = NULL;
  return moment;
}

/* Makes one heap of siblings: in pairs from the left, the pairs from the
** right. */
static struct apv_moment *meld_all(struct apv_moment *list) {
  struct apv_moment *pairs = NULL, *heap = NULL, *moment;
  while ((moment = take(&list)) != NULL) {
    struct apv_moment *pair = meld(moment, take(&list));
    pair->sibling = pairs;
    pairs = pair;
  }
  while ((moment = take(&pairs)) != NULL) heap = meld(heap, moment);
  return heap;
}

/* Takes the moment, which has a parent, from among its siblings. */
static void cut(struct apv_moment *moment) {
  struct apv_moment *before = moment->before;
  if (before->child == moment) {
    before->child = moment->sibling;
  } else {
    before->sibling = moment->sibling;
  }
  if (moment->sibling != NULL) moment->sibling->before = before;
  moment->sibling = NULL;
  moment->before = NULL;
}

void apv_timeline_insert(
  struct apv_timeline *line, struct apv_moment *moment, double at
) {
  moment->at = at;
  moment->order = line->count++;
  moment->listed = true;
  line->first = meld(line->first, moment);
}

void apv_timeline_remove(struct apv_timeline *line, struct apv_moment *moment) {
  if (!moment->listed) return;
  struct apv_moment *rest = meld_all(moment->child);
  moment->child = NULL;
  if (line->first == moment) {
    line->first = rest;
  } else {
    cut(moment);
    line->first = meld(line->first, rest);
  }
  moment->listed = false;
}
