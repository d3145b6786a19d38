/* The service's operations. */
#include "operation.h"

static const struct {
  const char *name;
  const char *method;
  const char *path;
  enum apv_class class;
  bool authorized;
  bool repeatable;
} operations[] = {
#define X(name, text, method, path, class, authorized, repeatable) \
  {text, method, path, APV_##class, authorized, repeatable},
  APV_OPERATIONS(X)
#undef X
};

const char *apv_operation_name(enum apv_operation operation) {
  return operations[operation].name;
}

const char *apv_operation_method(enum apv_operation operation) {
  return operations[operation].method;
}

const char *apv_operation_path(enum apv_operation operation) {
  return operations[operation].path;
}

enum apv_class apv_operation_class(enum apv_operation operation) {
  return operations[operation].class;
}

bool apv_operation_authorized(enum apv_operation operation) {
  return operations[operation].authorized;
}

bool apv_operation_repeatable(enum apv_operation operation) {
  return operations[operation].repeatable;
}
