#include "canaries.h"
int canaries_main(void) { return 0; }
