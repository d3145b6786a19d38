/* Darwin has no such header. */
#error "Darwin has no epoll"
