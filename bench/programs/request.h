/* The request that all opponents in C send: the bytes that the client in Lua
** sends for the same call. */
#ifndef REQUEST_H
#define REQUEST_H

#include <curl/curl.h>

/* A handle for a URL, on which nothing is decoded or kept. Ends the program
** when that cannot be made. */
CURL *request_new(const char *url);

/* Ends the program unless the transfer brought an answer of success. */
void request_check(CURL *easy, CURLcode code);

#endif
