/* Names and texts of statuses. */
#include "apv.h"

const char *apv_status_name(enum apv_status status) {
  switch (status) {
#define X(name, kind, text) \
  case APV_##name: return kind;
    APV_STATUSES(X)
#undef X
  }
  return "unknown";
}

const char *apv_status_text(enum apv_status status) {
  switch (status) {
#define X(name, kind, text) \
  case APV_##name: return text;
    APV_STATUSES(X)
#undef X
  }
  return "unknown status";
}
