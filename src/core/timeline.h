/* A queue of moments, earliest first; those of the same time come out in the
** order in which they were inserted. */
#ifndef APV_TIMELINE_H
#define APV_TIMELINE_H

#include "apv.h"

APV_HIDDEN

/* A place in a timeline; all zero: in none. */
struct apv_moment {
  double at; /* seconds on the system's clock */
  void *owner; /* what is due then */
  bool listed;
  unsigned long order; /* among those of the same time */
  struct apv_moment *child; /* the first of those that come later */
  struct apv_moment *sibling; /* the next child of the same moment */
  struct apv_moment *before; /* the sibling before it, or whose child it is */
};

/* All zero is an empty one. */
struct apv_timeline {
  struct apv_moment *first; /* the earliest */
  unsigned long count; /* of those that ever came */
};

/* The moment is in no timeline. */
void apv_timeline_insert(
  struct apv_timeline *line, struct apv_moment *moment, double at
);
/* Nothing happens when it is not listed. */
void apv_timeline_remove(struct apv_timeline *line, struct apv_moment *moment);

APV_SHOWN

#endif
