/* A streaming OpenAI server that does not limit the client: one epoll thread, one send() an event.
 *
 *   cc -O2 -o stream_server stream_server.c
 *   ./stream_server PORT TTFT_MS TPOT_MS        PORT 0 takes a free one, which is printed
 *
 * Answers POST to any path with max_tokens content events, each due at arrival + ttft + i * tpot by
 * an absolute schedule, then a usage event and [DONE]. GET /log returns one line per finished
 * request: arrival, first and last event in ns of CLOCK_MONOTONIC, number of events. GET on another
 * path lists one model, and GET /uploaded how many bytes of bodies came. Keep-alive only; bodies by
 * Content-Length, of which large ones are counted and not kept: max_tokens is then taken from the
 * last 4 KB. Linux. Listens on 127.0.0.1.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define IN_SIZE 65536
#define MOST_LOG 4000000
#define KEPT 4096

typedef struct {
    int fd, used, events, sent, heap_at;
    int64_t arrival, first, due;
    char *out;              /* bytes that the kernel did not take yet */
    size_t out_len;
    int tail;               /* what is in holds the end of a large body behind its head */
    long left;              /* bytes of a large body that are still to come */
    char in[IN_SIZE];
} conn;

typedef struct { int64_t arrival, first, last; int events; } record;

static int ep;
static int64_t ttft, tpot;
static conn **heap;
static int heap_len, heap_cap;
static record *records;
static int n_records;
static long long uploaded;

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* -- a heap of connections by their next due time */

static void place(conn *c, int i) { heap[i] = c; c->heap_at = i; }

static void sift(int i) {
    conn *c = heap[i];
    while (i > 0 && heap[(i - 1) / 2]->due > c->due) { place(heap[(i - 1) / 2], i); i = (i - 1) / 2; }
    for (;;) {
        int child = 2 * i + 1;
        if (child >= heap_len) break;
        if (child + 1 < heap_len && heap[child + 1]->due < heap[child]->due) child++;
        if (heap[child]->due >= c->due) break;
        place(heap[child], i);
        i = child;
    }
    place(c, i);
}

static void push(conn *c) {
    if (heap_len == heap_cap) {
        heap_cap = heap_cap ? heap_cap * 2 : 1024;
        heap = realloc(heap, heap_cap * sizeof *heap);
        if (!heap) exit(1);
    }
    place(c, heap_len++);
    sift(heap_len - 1);
}

static void drop(conn *c) {
    if (c->heap_at < 0) return;
    int i = c->heap_at;
    heap_len--;
    if (i != heap_len) { place(heap[heap_len], i); sift(i); }
    c->heap_at = -1;
}

/* -- output */

static void shut(conn *c) {
    drop(c);
    close(c->fd);
    free(c->out);
    free(c);
}

static int give(conn *c, const char *data, size_t len) {
    if (!c->out_len) {
        ssize_t n = send(c->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno != EAGAIN) return -1;
        if (n < 0) n = 0;
        if ((size_t)n == len) return 0;
        data += n;
        len -= n;
        struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
        epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
    }
    c->out = realloc(c->out, c->out_len + len);
    if (!c->out) exit(1);
    memcpy(c->out + c->out_len, data, len);
    c->out_len += len;
    return 0;
}

static int flush_out(conn *c) {
    ssize_t n = send(c->fd, c->out, c->out_len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0) return errno == EAGAIN ? 0 : -1;
    memmove(c->out, c->out + n, c->out_len - n);
    c->out_len -= n;
    if (!c->out_len) {
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
    }
    return 0;
}

static int chunk(conn *c, const char *data) {
    char buffer[512];
    int n = snprintf(buffer, sizeof buffer, "%zx\r\n%s\r\n", strlen(data), data);
    return give(c, buffer, n);
}

#define EVENT "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"fast\","

/* Send what is due; afterwards the connection waits in the heap or for its next request. */
static int advance(conn *c, int64_t now) {
    while (c->sent < c->events && c->due <= now) {
        int last = c->sent + 1 == c->events;
        if (!c->sent) c->first = now;
        if (chunk(c, last
                  ? EVENT "\"choices\":[{\"index\":0,\"delta\":{\"content\":\" tok\"},\"finish_reason\":\"length\"}]}\n\n"
                  : EVENT "\"choices\":[{\"index\":0,\"delta\":{\"content\":\" tok\"},\"finish_reason\":null}]}\n\n"))
            return -1;
        c->sent++;
        c->due += tpot;
    }
    if (c->sent < c->events) {
        if (c->heap_at < 0) push(c); else sift(c->heap_at);
        return 0;
    }
    drop(c);
    char tail[512];
    snprintf(tail, sizeof tail,
             EVENT "\"choices\":[],\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":%d,"
             "\"total_tokens\":%d}}\n\n", c->events, c->events + 20);
    if (chunk(c, tail) || chunk(c, "data: [DONE]\n\n") || give(c, "0\r\n\r\n", 5)) return -1;
    if (n_records < MOST_LOG)
        records[n_records++] = (record){c->arrival, c->first, now_ns(), c->events};
    c->events = c->sent = 0;
    return 0;
}

/* -- input */

static int reply(conn *c, const char *body, size_t len) {
    char head[128];
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", len);
    return give(c, head, n) || give(c, body, len);
}

static int reply_log(conn *c) {
    size_t cap = (size_t)n_records * 90 + 1, len = 0;
    char *text = malloc(cap);
    if (!text) return -1;
    for (int i = 0; i < n_records; i++)
        len += snprintf(text + len, cap - len, "%lld %lld %lld %d\n", (long long)records[i].arrival,
                        (long long)records[i].first, (long long)records[i].last, records[i].events);
    int failed = reply(c, text, len);
    free(text);
    n_records = 0;
    return failed;
}

static int request(conn *c) {
    c->in[c->used] = 0;
    char *end = strstr(c->in, "\r\n\r\n");
    if (!end) return 0;
    char *field = strcasestr(c->in, "content-length:");
    long length = field && field < end ? atol(field + 15) : 0;
    long whole = end + 4 - c->in + length;
    if (whole >= IN_SIZE - 1) {     /* the head stays, and of the body what came last */
        int head = end + 4 - c->in;
        if (head > KEPT) return -1;
        c->left = whole - c->used;
        uploaded += c->used - head;
        memset(field + 15, ' ', strcspn(field + 15, "\r"));
        memcpy(field + 15, "0", 1);
        int kept = c->used - head < KEPT ? c->used - head : KEPT;
        memmove(end + 4, c->in + c->used - kept, kept);
        c->used = head + kept;
        return 0;
    }
    if (c->used < whole) return 0;
    uploaded += length;
    int failed;
    if (!strncmp(c->in, "POST", 4)) {
        c->in[c->used] = 0;
        char *asked = strstr(end, "max_tokens\":");
        if (!asked) asked = strstr(end, "max_completion_tokens\":");
        c->events = asked ? atoi(strchr(asked, ':') + 1) : 64;
        if (c->events < 1) c->events = 1;
        c->sent = 0;
        c->arrival = now_ns();
        c->due = c->arrival + ttft;
        static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                                   "Transfer-Encoding: chunked\r\n\r\n";
        failed = give(c, head, sizeof head - 1) || advance(c, c->arrival);
        if (c->tail) { c->used = whole = 0; c->tail = 0; }
    } else if (!strncmp(c->in, "GET /uploaded ", 14)) {
        char text[64];
        failed = reply(c, text, snprintf(text, sizeof text, "%lld\n", uploaded));
    } else if (!strncmp(c->in, "GET /log ", 9)) {
        failed = reply_log(c);
    } else {
        static const char models[] = "{\"object\":\"list\",\"data\":[{\"id\":\"fast\"}]}";
        failed = reply(c, models, sizeof models - 1);
    }
    memmove(c->in, c->in + whole, c->used - whole);
    c->used -= whole;
    return failed ? -1 : 1;
}

static int readable(conn *c) {
    for (;;) {
        if (c->used >= IN_SIZE - 1) return -1;
        ssize_t n = recv(c->fd, c->in + c->used, IN_SIZE - 1 - c->used, MSG_DONTWAIT);
        if (n == 0) return -1;
        if (n < 0) return errno == EAGAIN ? 0 : -1;
        c->used += n;
        if (c->left) {
            uploaded += n < c->left ? n : c->left;
            c->left -= n;
            if (c->left < 0) return -1;     /* no pipelining */
            if (c->left && c->used > IN_SIZE / 2) {
                char *body = strstr(c->in, "\r\n\r\n") + 4;
                memmove(body, c->in + c->used - KEPT, KEPT);
                c->used = body - c->in + KEPT;
            }
            if (c->left) continue;
            c->tail = 1;
        }
        int more;
        while ((more = c->events ? 0 : request(c)) > 0) {}
        if (more < 0) return -1;
    }
}

static void take(int listener) {
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) return;
        int one = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        conn *c = calloc(1, sizeof *c);
        if (!c) exit(1);
        c->fd = fd;
        c->heap_at = -1;
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
    }
}

int main(int argc, char **argv) {
    if (argc != 4) { fprintf(stderr, "usage: %s PORT TTFT_MS TPOT_MS\n", argv[0]); return 2; }
    ttft = (int64_t)(atof(argv[2]) * 1e6);
    tpot = (int64_t)(atof(argv[3]) * 1e6);
    records = malloc(MOST_LOG * sizeof *records);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    signal(SIGPIPE, SIG_IGN);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (!records || bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 8192)) {
        perror("listen");
        return 1;
    }
    socklen_t size = sizeof address;
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("listening on %d\n", ntohs(address.sin_port));
    fflush(stdout);
    ep = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(ep, EPOLL_CTL_ADD, listener, &e);
    struct epoll_event ready[512];
    for (;;) {
        int64_t now = now_ns(), wait = heap_len ? heap[0]->due - now : 1000000000;
        if (wait < 0) wait = 0;
        struct timespec timeout = {wait / 1000000000, wait % 1000000000};
        int n = epoll_pwait2(ep, ready, 512, &timeout, NULL);
        for (int i = 0; i < n; i++) {
            conn *c = ready[i].data.ptr;
            if (!c) { take(listener); continue; }
            int failed = 0;
            if (ready[i].events & EPOLLOUT && c->out_len) failed = flush_out(c);
            if (!failed && ready[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) failed = readable(c);
            if (failed) shut(c);
        }
        now = now_ns();
        while (heap_len && heap[0]->due <= now) {
            conn *c = heap[0];
            if (advance(c, now)) shut(c);
        }
    }
}
