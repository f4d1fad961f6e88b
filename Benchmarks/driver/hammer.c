// A load generator for local sockets, which wrk does not know: as many connections as asked for, one request at a time
// on each, kept alive. Prints what it found as one line of JSON, in wrk's units (microseconds).
//
//     hammer SOCKET CONNECTIONS SECONDS REQUEST-FILE
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST_REPLY = 1 << 20, BUCKETS = 100000, BUCKET_MICROSECONDS = 10 };

struct connection {
    int descriptor;
    size_t received;
    double sent_at;
    char *reply;
};

static char request[65536];
static size_t request_length;
static uint64_t histogram[BUCKETS];
static uint64_t requests, failed, lost;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

// Requests are small and sent one at a time: they fit the socket's buffer.
static void send_request(struct connection *connection) {
    connection->received = 0;
    connection->sent_at = now();
    if (write(connection->descriptor, request, request_length) != (ssize_t)request_length) die("write");
}

// The length of a whole reply at the start of the buffer; 0 where more has to come.
static size_t reply_length(struct connection *connection) {
    connection->reply[connection->received] = 0;
    char *end = strstr(connection->reply, "\r\n\r\n");
    if (end == NULL) return 0;
    size_t head = end + 4 - connection->reply;
    char *length = strcasestr(connection->reply, "\r\ncontent-length:");
    size_t body = length != NULL && length < end ? strtoul(length + 17, NULL, 10) : 0;
    return connection->received >= head + body ? head + body : 0;
}

static void receive(struct connection *connection) {
    ssize_t count = read(
        connection->descriptor, connection->reply + connection->received, LONGEST_REPLY - 1 - connection->received);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) {
        lost++;
        close(connection->descriptor);
        return;
    }
    connection->received += count;
    if (reply_length(connection) == 0) return;
    requests++;
    if (connection->reply[9] != '2' && connection->reply[9] != '3') failed++;
    uint64_t bucket = (now() - connection->sent_at) * 1e6 / BUCKET_MICROSECONDS;
    histogram[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
    send_request(connection);
}

static double percentile(double share) {
    uint64_t wanted = requests * share, seen = 0;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
        seen += histogram[bucket];
        if (seen > wanted) return (bucket + 0.5) * BUCKET_MICROSECONDS;
    }
    return 0;
}

int main(int count, char **arguments) {
    if (count != 5) {
        fprintf(stderr, "usage: hammer SOCKET CONNECTIONS SECONDS REQUEST-FILE\n");
        return 2;
    }
    FILE *file = fopen(arguments[4], "rb");
    if (file == NULL) die(arguments[4]);
    request_length = fread(request, 1, sizeof request, file);
    fclose(file);

    int events = epoll_create1(0);
    int connections = atoi(arguments[2]);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, arguments[1], sizeof address.sun_path - 1);
    double begin = now(), end = begin + atof(arguments[3]);
    for (int index = 0; index < connections; index++) {
        struct connection *connection = calloc(1, sizeof *connection);
        connection->reply = malloc(LONGEST_REPLY);
        connection->descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
        if (connect(connection->descriptor, (struct sockaddr *)&address, sizeof address) != 0) die(arguments[1]);
        fcntl(connection->descriptor, F_SETFL, O_NONBLOCK);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
        if (epoll_ctl(events, EPOLL_CTL_ADD, connection->descriptor, &event) != 0) die("epoll_ctl");
        send_request(connection);
    }
    double time = begin;
    while (time < end && lost < (uint64_t)connections) {
        struct epoll_event ready[64];
        int found = epoll_wait(events, ready, 64, 100);
        for (int index = 0; index < found; index++) receive(ready[index].data.ptr);
        time = now();
    }
    printf(
        "BENCH {\"requests\": %lu, \"seconds\": %.6f, \"p50\": %.1f, \"p99\": %.1f, \"failed\": %lu, \"lost\": %lu}\n",
        requests, time - begin, percentile(0.5), percentile(0.99), failed, lost);
    return 0;
}
